import type { LabDevice, LabLine, LabStation, LabTraffic } from '../driver-types.js';
import type { Lab, LabDomain } from '../workload.js';

interface Chain {
  /** A domain that was to be connected to the line, or to the device, and was refused; null when all are connected. */
  readonly end: LabDomain | null;
  readonly line: LabLine | null;
  readonly device: LabDevice;
}

const UNTOUCHED = { mapped: 0, copiedIn: 0, copiedOn: 0, handedOn: 0, refusedBy: null };

/** The stations of packets out, from where they begin to the device: what each was charged, and what it was refused. */
export const chainOf = (lab: Lab, { end, line, device }: Chain, traffic: LabTraffic | null): readonly LabStation[] => {
  const hops = line?.hops ?? [];
  const bytes = Math.min(line?.bytes ?? 0, lab.pageBytes);
  const pages = Math.ceil((line?.bytes ?? 0) / lab.pageBytes);
  const stationOf = (domain: LabDomain): LabStation => {
    const at = hops.findIndex((hop) => hop.domain === domain);
    const { passed, copied, refusals } = hops[at] ?? { passed: 0, copied: 0, refusals: [] };
    // What the next one was refused comes back to this one unchanged.
    const own = refusals.find((refusal) => !(hops[at - 1]?.refusals ?? []).includes(refusal));
    const tally = traffic?.tallyByDomain.get(domain);
    const went = Math.max(1, passed + copied);
    const copiedOn = traffic === null ? 0 : (copied / went) * pages * bytes;
    return {
      domain,
      mapped: tally?.maps ?? 0,
      copiedIn: Math.max(0, (tally?.copies ?? 0) * lab.pageBytes - copiedOn),
      copiedOn,
      handedOn: traffic === null ? 0 : (passed / went) * pages,
      refusedBy: own?.rule ?? null,
    };
  };
  return [
    ...(end === null ? [] : [{ ...UNTOUCHED, domain: end, refusedBy: lab.drivers.refusedBy }]),
    ...(line?.domains ?? [device.domain]).toReversed().map(stationOf),
    { ...UNTOUCHED, domain: null },
  ];
};
