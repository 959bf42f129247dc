// Unpacks the headless browser of @sparticuz/chromium into the folder given as argument:
// bin/chromium, its shared libraries in lib/, its fonts in fonts/.
import { spawn } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const packed = path.join(here, "node_modules", "@sparticuz", "chromium", "bin");
const target = path.resolve(process.argv[2]);

const brotli = (name) => [createReadStream(path.join(packed, name)), createBrotliDecompress()];

async function untar(name, folder) {
  await mkdir(folder, { recursive: true });
  const tar = spawn("tar", ["-x", "-C", folder], { stdio: ["pipe", "inherit", "inherit"] });
  const ended = new Promise((done, failed) => {
    tar.on("error", failed);
    tar.on("close", (code) => (code ? failed(new Error(`tar ended with ${code}`)) : done()));
  });
  await pipeline(...brotli(name), tar.stdin);
  await ended;
}

await mkdir(path.join(target, "bin"), { recursive: true });
await pipeline(
  ...brotli("chromium.br"),
  createWriteStream(path.join(target, "bin", "chromium"), { mode: 0o755 }),
);
await untar("swiftshader.tar.br", path.join(target, "bin"));
await untar("al2023.tar.br", target);
await untar("fonts.tar.br", target);
await writeFile(
  path.join(target, "fonts.conf"),
  `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(target, "fonts")}</dir>
  <cachedir>${path.join(target, "fontcache")}</cachedir>
</fontconfig>
`,
);
