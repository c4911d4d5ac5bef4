// Certificate: a key and a self-signed certificate for this machine, made when a test needs them, by node:crypto alone.

import { Buffer } from "node:buffer";
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** What a server proves who it is with, and what clients trust, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = oid(1, 2, 840, 10045, 4, 3, 2);
const COMMON_NAME = oid(2, 5, 4, 3);
const BASIC_CONSTRAINTS = oid(2, 5, 29, 19);
const ALTERNATIVE_NAMES = oid(2, 5, 29, 17);
const HOUR_MS = 3_600_000;

/** Makes one that is valid for two hours, for a host's name, and its own authority. */
export function makeCertificate(host: string): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(tagged(0x31, sequence(COMMON_NAME, tagged(0x0c, Buffer.from(host)))));
  const algorithm = sequence(ECDSA_WITH_SHA256);
  const extensions = sequence(
    sequence(
      BASIC_CONSTRAINTS,
      tagged(0x01, bytes(0xff)),
      octets(sequence(tagged(0x01, bytes(0xff)))),
    ),
    sequence(ALTERNATIVE_NAMES, octets(sequence(tagged(0x82, Buffer.from(host))))),
  );
  const body = sequence(
    tagged(0xa0, tagged(0x02, bytes(2))),
    // The first bit would make it negative, or need another byte.
    tagged(0x02, Buffer.concat([bytes(0x01), randomBytes(15)])),
    algorithm,
    name,
    sequence(time(Date.now() - HOUR_MS), time(Date.now() + HOUR_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, extensions),
  );
  const signature = sign("sha256", body, privateKey);
  const whole = sequence(body, algorithm, tagged(0x03, Buffer.concat([bytes(0), signature])));
  const lines = whole.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

/** A value of ASN.1, as DER has it: what it is, how long it is, and what it holds. */
function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([bytes(tag), sizeOf(content), content]);
}

/** In as few bytes as it takes: others refuse more. */
function sizeOf({ length }: Buffer): Buffer {
  if (length < 0x80) return bytes(length);
  return length < 0x100 ? bytes(0x81, length) : bytes(0x82, length >> 8, length & 0xff);
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, "");
  return tagged(0x17, Buffer.from(`${digits.slice(2, 14)}Z`));
}

function oid(first: number, second: number, ...rest: number[]): Buffer {
  const groups = rest.flatMap((number) => {
    const group = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) group.unshift((left & 0x7f) | 0x80);
    return group;
  });
  return tagged(0x06, bytes(first * 40 + second, ...groups));
}

function bytes(...all: number[]): Buffer {
  return Buffer.from(all);
}
