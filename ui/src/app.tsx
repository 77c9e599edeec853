import { startSurface } from './shell/start';

void startSurface({ name: 'app', navigation: [], routes: [] });
