// Prism in front of one server, once for each of the vendors' API descriptions.
//
//   node judge.mjs UPSTREAM DESCRIPTION…
//
// Prints the address of each as a JSON array on one line; ends when its standard input does. What a request or its answer has against
// its description stands in the answer's `sl-violations`.
import { createLogger } from '@stoplight/prism-core';
import { getHttpOperationsFromSpec } from '@stoplight/prism-http';
import { createServer } from '@stoplight/prism-http-server';

const [upstream, ...descriptions] = process.argv.slice(2);

const addresses = await Promise.all(
  descriptions.map(async (description) => {
    const server = createServer(await getHttpOperationsFromSpec(description), {
      cors: false,
      components: { logger: createLogger('prism', { enabled: false }) },
      config: {
        isProxy: true,
        upstream: new URL(upstream),
        upstreamProxy: undefined,
        checkSecurity: true,
        validateRequest: true,
        validateResponse: true,
        errors: false,
        mock: { dynamic: false },
      },
    });
    return server.listen(0, '127.0.0.1');
  }),
);
console.log(JSON.stringify(addresses));
process.stdin.resume().on('end', () => process.exit());
