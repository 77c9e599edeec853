import { render } from './shell/render';
import { SignInPage } from './sign-in/SignInPage';
import { SetUpPage } from './sign-in/SetUpPage';

const setUp = location.pathname.endsWith('/set-up');
void render(setUp ? <SetUpPage token={new URLSearchParams(location.search).get('token')} /> : <SignInPage />);
