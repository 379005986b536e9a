declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** Folder of the LevelDB store; in memory without it. */
    readonly path?: string;
    /** How long a table stays in CREATING, ms. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  /** Makes a server that is not listening yet; closing it closes the store too. */
  // biome-ignore lint/style/noDefaultExport: the package is CommonJS, its module is the function
  export default function dynalite(options?: DynaliteOptions): Server;
}
