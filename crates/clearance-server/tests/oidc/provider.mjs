// A certified OpenID provider for the server's tests. It asks nobody anything: whoever the test named last signs in.
//
// Prints `listening PORT`; ends when its standard input does. Control: POST /test/account {sub, email, email_verified, groups},
// POST /test/settings {claims_in_id_token}.
import { createServer } from 'node:http';
import Provider, { interactionPolicy } from 'oidc-provider';

const redirectUri = process.argv[2];
let account = { sub: 'nobody' };
let claimsInIdToken = false;

const server = createServer();
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'clearance',
      client_secret: 'a-secret-of-the-tests',
      redirect_uris: [redirectUri],
      response_types: ['code'],
      grant_types: ['authorization_code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  scopes: ['openid', 'email', 'profile', 'groups'],
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  get conformIdTokenClaims() {
    return !claimsInIdToken;
  },
  cookies: { keys: ['of the tests'] },
  interactions: { policy: interactionPolicy.base(), url: (_, interaction) => `/test/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...account, sub: id }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid email profile groups');
    await grant.save();
    return grant;
  },
});

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}

const handle = provider.callback();
server.on('request', async (request, response) => {
  if (request.url === '/test/account') {
    account = await bodyOf(request);
    response.writeHead(204).end();
  } else if (request.url === '/test/settings') {
    claimsInIdToken = (await bodyOf(request)).claims_in_id_token;
    response.writeHead(204).end();
  } else if (request.url.startsWith('/test/interaction/')) {
    if (account.sub === 'refused') {
      await provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'no' });
    } else {
      await provider.interactionFinished(request, response, { login: { accountId: account.sub } });
    }
  } else {
    handle(request, response);
  }
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
console.log(`listening ${server.address().port}`);
