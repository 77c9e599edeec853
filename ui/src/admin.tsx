import { startSurface } from './shell/start';

void startSurface({ name: 'admin', navigation: [], routes: [] });
