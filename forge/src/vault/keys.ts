// Keys are made here and kept in the platform's secret storage: neither the module nor a browser nor Core ever sees a private one.
import { constants, createHmac, createPrivateKey, createPublicKey, generateKeyPair, randomBytes, sign as signWith, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

import { readOrMake } from './secrets';

const makePair = promisify(generateKeyPair);
const MODULUS_BITS = 2048;

/** Names of signing keys and places of secrets are different things, so they lie apart. */
const named = (name: string): string => `key:${name}`;

async function ed25519(name: string): Promise<KeyObject> {
  return privateKey(
    await readOrMake(named(name), async () => {
      const { privateKey } = await makePair('ed25519', {});
      return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
    }),
  );
}

async function rsa(place: string): Promise<KeyObject> {
  return privateKey(
    await readOrMake(place, async () => {
      const { privateKey } = await makePair('rsa', { modulusLength: MODULUS_BITS });
      return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
    }),
  );
}

const privateKey = (text: string): KeyObject => createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });

/** The 32 bytes of an Ed25519 public key, hexadecimal. */
export async function publicKey(name: string): Promise<string> {
  const { x } = createPublicKey(await ed25519(name)).export({ format: 'jwk' });
  return Buffer.from(x ?? '', 'base64url').toString('hex');
}

/** An Ed25519 signature in two halves, hexadecimal each. */
export async function sign(name: string, message: string): Promise<[string, string]> {
  const signature = signWith(null, Buffer.from(message, 'hex'), await ed25519(name)).toString('hex');
  return [signature.slice(0, 64), signature.slice(64)];
}

/** Modulus and exponent of an RSA public key, as a JWK has them. */
export async function rsaPublicKey(place: string): Promise<{ n: string; e: string }> {
  const { n = '', e = '' } = createPublicKey(await rsa(place)).export({ format: 'jwk' });
  return { n, e };
}

/** An RSA signature (RFC 7518 §3.3 and §3.5), base64url. */
export async function signRsa(place: string, scheme: 'RS256' | 'PS256', message: string): Promise<string> {
  const key = await rsa(place);
  const probabilistic = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return signWith('sha256', Buffer.from(message, 'hex'), scheme === 'PS256' ? probabilistic : key).toString('base64url');
}

/** HMAC-SHA256 of each text under a random key that stays here. */
export async function fingerprints(name: string, messages: readonly string[]): Promise<string[]> {
  const key = Buffer.from(await readOrMake(named(name), async () => randomBytes(32).toString('base64')), 'base64');
  return messages.map((message) => createHmac('sha256', key).update(message, 'utf8').digest('hex'));
}
