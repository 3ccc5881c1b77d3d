// Builds what browsers load (../static/dist, content-hashed, with a manifest.json) and the FEEL interpreter that the engine
// runs (../../engine/feel.js). hatch_build.py calls it after `npm ci`; by hand: `npm run build`.
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { patched } from './src/feel/patches.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, '../static/dist');
const feelFile = resolve(here, '../../engine/feel.js');

// Whoever imports feelin gets the patched one, so that no form can read a condition in another way than a gateway.
const feelin = {
  name: 'feelin',
  setup(build) {
    build.onResolve({ filter: /^flowsvc-feelin$/ }, () => ({ path: resolve(here, 'node_modules/@bpmn-io/feelin/dist/index.js') }));
    build.onResolve({ filter: /^flowsvc-strict$/ }, () => ({ path: resolve(here, 'src/feel/strict.js') }));
    build.onLoad({ filter: /@bpmn-io\/feelin\/dist\/index\.js$/ }, async ({ path }) => ({
      contents: patched(await readFile(path, 'utf8')),
      loader: 'js',
    }));
  },
};

// CodeMirror hangs its style in a <style> element where the document has a head; our policy allows adopted style sheets only.
const styles = {
  name: 'adopted-styles',
  setup(build) {
    build.onLoad({ filter: /style-mod\/src\/style-mod\.js$/ }, async ({ path }) => {
      const given = await readFile(path, 'utf8');
      const found = '!root.head && root.adoptedStyleSheets';
      if (!given.includes(found)) {
        throw new Error(`style-mod no longer says "${found}": see how it hangs its styles now, and mend build.mjs.`);
      }
      return { contents: given.replaceAll(found, 'root.adoptedStyleSheets'), loader: 'js' };
    });
  },
};

// Markup from a text with style attributes is blocked as inline style; the same declarations set by a script are not.
const markup = {
  name: 'styles-by-script',
  setup(build) {
    build.onLoad({ filter: /node_modules\/domify\/index\.js$/ }, async ({ path }) => {
      const given = await readFile(path, 'utf8');
      const found = 'element.innerHTML = prefix + htmlString + suffix;';
      if (!given.includes(found)) {
        throw new Error(`domify no longer says "${found}": see how it makes elements now, and mend build.mjs.`);
      }
      const mended = `element.innerHTML = (prefix + htmlString + suffix).replace(/(<[^>]*?\\s)style=/g, '$1data-style=');
	for (const each of element.querySelectorAll('[data-style]')) {
		each.style.cssText = each.dataset.style;
		delete each.dataset.style;
	}`;
      return { contents: given.replace(found, () => mended), loader: 'js' };
    });
  },
};

// form-js' editor holds preact at 10.15 while its viewer would take the newest; both draw one tree, so that they need one.
const onePreact = {
  name: 'one-preact',
  setup(build) {
    const editor = resolve(here, 'node_modules/@bpmn-io/form-js-editor');
    build.onResolve({ filter: /^preact(\/|$)/ }, ({ path, importer, kind }) =>
      importer.includes('@bpmn-io/form-js-viewer') ? build.resolve(path, { resolveDir: editor, kind }) : undefined,
    );
  },
};

// The menus count what was found in English only; this is the one text of theirs that does not pass the translation.
const counts = {
  name: 'counts-in-swedish',
  setup(build) {
    build.onLoad({ filter: /diagram-js\/lib\/features\/popup-menu\/PopupMenuComponent\.js$/ }, async ({ path }) => {
      const given = await readFile(path, 'utf8');
      const found = "${ entriesToShow.length === 1 ? 'result' : 'results' } found";
      if (!given.includes(found)) {
        throw new Error(`The menus of diagram-js no longer say "${found}": see what they say now, and mend build.mjs.`);
      }
      const said = "${ document.documentElement.lang.startsWith('sv') ? (entriesToShow.length === 1 ? 'träff' : 'träffar') : (entriesToShow.length === 1 ? 'result found' : 'results found') }";
      return { contents: given.replace(found, said), loader: 'js' };
    });
  },
};

const common = { bundle: true, minify: true, target: 'es2022', logLevel: 'warning', plugins: [feelin, styles, markup, onePreact, counts], absWorkingDir: here };

async function buildFeel() {
  await esbuild.build({
    ...common,
    entryPoints: ['src/feel/main.js'],
    outfile: feelFile,
    format: 'iife',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    legalComments: 'none',
  });
}

async function buildPages() {
  const fresh = `${dist}.new`;
  await rm(fresh, { recursive: true, force: true });
  // Each file of src/pages is what some page asks for by its name; the rest of src is what they share.
  const names = (await readdir(join(here, 'src/pages'))).sort();
  const { metafile } = await esbuild.build({
    ...common,
    entryPoints: names.map((name) => `src/pages/${name}`),
    outdir: fresh,
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    assetNames: '[name]-[hash]',
    format: 'esm',
    splitting: true,
    metafile: true,
    loader: { '.woff2': 'file', '.woff': 'file', '.svg': 'file' },
  });
  const manifest = {};
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint) {
      manifest[basename(entryPoint)] = basename(file);
    }
  }
  await writeFile(join(fresh, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  // A running server sees the old files or the new ones, never half of either.
  await rm(dist, { recursive: true, force: true });
  await rename(fresh, dist);
}

await buildFeel();
await buildPages();
