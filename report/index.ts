export { writeReport } from './write.js';
export { comparisonNames } from './comparison/document.js';
export { differenceWords, headline, verdictWords } from './comparison/words.js';
export { writeComparison } from './comparison/write.js';
