import { createContext, useContext } from 'react';

/** Where the pages are shown: by our own server; as a page inside Jira; as a panel in somebody else's page inside Jira. */
export type Host = 'server' | 'forge' | 'panel';

const HostContext = createContext<Host>('server');
export const HostProvider = HostContext.Provider;
export const useHost = (): Host => useContext(HostContext);
