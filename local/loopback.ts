/** Whether only programs of this machine reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** What a Host header calls this machine; containers reach its loopback interface under names of their own. */
export function loopbackNames(host: string): ReadonlySet<string> {
  return new Set([host, 'localhost', '127.0.0.1', '[::1]', 'host.docker.internal', 'host.containers.internal']);
}
