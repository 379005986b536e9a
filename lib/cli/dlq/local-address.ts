/** The file of a data folder in which a local server that runs says where its dead letters are. */
export const LOCAL_ADDRESS_FILE = 'dead-letters-url';
