import type { LabDevice, LabLine, LabStation, LabTraffic } from '../driver-types.js';
import type { Lab, LabDomain } from '../workload.js';

interface Chain {
  /** A domain that was to be connected to the line, or to the device, and was refused; null when all are connected. */
  readonly end: LabDomain | null;
  readonly line: LabLine | null;
  readonly device: LabDevice;
}

const UNTOUCHED = { mapped: 0, copiedIn: 0, copiedOn: 0, handedOn: 0, refusedBy: null };

/** The stations of packets out, from where they begin to the device: what each did, and what it was refused. */
export const chainOf = (lab: Lab, { end, line, device }: Chain, traffic: LabTraffic | null): readonly LabStation[] => {
  const hops = line?.hops ?? [];
  const bytes = Math.min(line?.bytes ?? 0, lab.pageBytes);
  const sent = Math.max(1, line?.sent ?? 0);
  const { refusedBy } = lab.drivers;
  /** The domain with the device was refused what stopped the traffic, where no hop was. */
  const stopped =
    line !== null && traffic === null && !hops.some(({ refusals }) => refusals.some(({ rule }) => rule === refusedBy));

  const stationOf = (domain: LabDomain, index: number): LabStation => {
    const at = hops.findIndex((hop) => hop.domain === domain);
    const { passed, copied, refusals } = hops[at] ?? { passed: 0, copied: 0, refusals: [] };
    // What the next one was refused comes back to this one unchanged.
    const own = refusals.find((refusal) => !(hops[at - 1]?.refusals ?? []).includes(refusal));
    const copiedOn = (copied / sent) * bytes;
    const copies = (traffic?.tallyByDomain.get(domain)?.copies ?? 0) * lab.pageBytes;
    return {
      domain,
      mapped: (line?.mapped[index] ?? 0) / sent,
      copiedIn: Math.max(0, copies - copiedOn),
      copiedOn,
      handedOn: passed / sent,
      refusedBy: stopped && index === 0 ? refusedBy : (own?.rule ?? null),
    };
  };
  return [
    ...(end === null ? [] : [{ ...UNTOUCHED, domain: end, refusedBy }]),
    ...(line?.domains ?? [device.domain]).map(stationOf).toReversed(),
    { ...UNTOUCHED, domain: null },
  ];
};
