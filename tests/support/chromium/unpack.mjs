// Unpacks the headless browser of @sparticuz/chromium into the folder given as argument:
// bin/chromium, its shared libraries in lib/, its fonts in fonts/.
import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

const here = path.dirname(fileURLToPath(import.meta.url));
const packed = path.join(here, "node_modules", "@sparticuz", "chromium", "bin");
const target = path.resolve(process.argv[2]);

async function unbrotli(name, file, mode = 0o644) {
  const source = createReadStream(path.join(packed, name));
  await pipeline(source, createBrotliDecompress(), createWriteStream(file, { mode }));
}

async function untar(name, folder) {
  const archive = path.join(target, "archive.tar");
  await unbrotli(name, archive);
  execFileSync("tar", ["-x", "-f", archive, "-C", folder]);
  await rm(archive);
}

await mkdir(path.join(target, "bin"), { recursive: true });
await unbrotli("chromium.br", path.join(target, "bin", "chromium"), 0o755);
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
