import { isFinding } from '../../../engine/index.js';
import { mapGrantedPages } from '../../../engine/grants/grant-mapping.js';
import { GrantReferences } from '../../../engine/grants/grant-references.js';
import type { SceneStep } from './scene.js';
import type { Guest } from './scene.js';

/** Pages that the control domain maps together. */
const PAGES = 3;
/** Where its mappings begin: apart from each other. */
const PLACES = 64;

/** The guest's end of its grant table, opened when it is first needed. */
export const referencesOf = (guest: Guest): GrantReferences | null => {
  const opened = guest.references ?? GrantReferences.open(guest.domain);
  if (isFinding(opened)) return null;
  guest.references = opened;
  return opened;
};

/** Granted pages in the control domain's page table, that it reads and writes there. */
export const GRANT_STEPS: Readonly<Record<string, SceneStep>> = {
  'map granted pages'(scene, guest, page) {
    const references = referencesOf(guest);
    if (references === null || guest.views.length > 2) return;
    const { domain } = guest;
    const tool = scene.controlOf(domain.host);
    const writable = page % 2 === 0;
    const given: number[] = [];
    for (const pfn of domain.model.ownedFrames().slice(page, page + PAGES)) {
      const reference = references.grantAccess(tool, pfn, 'write');
      if (!isFinding(reference)) given.push(reference);
    }
    const requests = given.map((reference) => ({ granter: domain, reference, writable }));
    const mapping = mapGrantedPages(tool, requests, (scene.nextMapping % PLACES) * PAGES);
    scene.nextMapping += 1;
    if (isFinding(mapping)) for (const reference of given) references.endAccess(reference);
    else guest.views.push({ mapping, references: given, writable });
  },
  'touch granted page'(scene, { views }, page) {
    const view = views[page % Math.max(1, views.length)];
    if (view === undefined || view.mapping.length === 0) return;
    const index = page % view.mapping.length;
    if (view.writable) view.mapping.write(index, scene.simulation.nextStamp());
    else view.mapping.read(index);
  },
  'unmap granted pages'(_scene, { views, references }) {
    const view = views.shift();
    if (view === undefined) return;
    view.mapping.unmap();
    for (const reference of view.references) references!.endAccess(reference);
  },
};
