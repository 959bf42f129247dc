// Bundles static/js/app.js and static/css/app.css, copies static/img/, all under names that
// carry a hash of the content, and tells the names in static/dist/manifest.json.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "dist");

const entries = ["js/app.js", "css/app.css"].map((name) => path.join(here, name)).filter(existsSync);

async function bundle() {
  const { metafile } = await build({
    entryPoints: entries,
    bundle: true,
    minify: true,
    format: "iife",
    outdir: dist,
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".svg": "file", ".png": "file" },
    logLevel: "warning",
    metafile: true,
  });
  // What CSS refers to by url() has no entry point and goes by its own name.
  return Object.entries(metafile.outputs).map(([file, { entryPoint }]) => [
    path.basename(entryPoint ?? file),
    path.basename(file),
  ]);
}

async function copyImages() {
  const folder = path.join(here, "img");
  if (!existsSync(folder)) return [];
  const copied = [];
  for (const name of (await readdir(folder)).sort()) {
    const source = path.join(folder, name);
    const hash = createHash("sha256").update(await readFile(source)).digest("hex").slice(0, 8);
    const { name: stem, ext } = path.parse(name);
    const target = `${stem}-${hash}${ext}`;
    await copyFile(source, path.join(dist, target));
    copied.push([name, target]);
  }
  return copied;
}

// Built beside a running app: new files first, then the manifest, and only then the old ones go.
await mkdir(dist, { recursive: true });
const before = await readdir(dist);
const manifest = Object.fromEntries([...(await bundle()), ...(await copyImages())]);
const draft = path.join(dist, "manifest.json.new");
await writeFile(draft, `${JSON.stringify(manifest, null, 2)}\n`);
await rename(draft, path.join(dist, "manifest.json"));
const kept = new Set([...Object.values(manifest), "manifest.json"]);
for (const name of before) if (!kept.has(name)) await rm(path.join(dist, name), { force: true });
