export { decodeTrace } from './decode.js';
export { importTrace } from './import-trace.js';
export { readTraceProvenance, recordedPattern, traceFile } from './recorded.js';
