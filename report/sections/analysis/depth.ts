import type { Decision } from '../../../contracts/decision.js';
import type { AnalysisSection } from '../../../contracts/document.js';
import type { Study } from '../../../contracts/study.js';
import type { Names } from '../../names.js';
import { centralPassage, pairwisePassage, settledPassage } from './acceptability.js';
import { methodsPassage, reversalPassage } from './methods.js';
import { analysisSection } from './words.js';
import { dataWeightsPassage, dominancePassage } from './whole-table.js';

/** What the samples and other methods say beside the odds. */
export function depthSection(study: Study, decision: Decision, names: Names): AnalysisSection {
  return analysisSection(
    study,
    decision,
    names,
    'For those who want to check the verdict: who would choose what, whether the odds have settled, and whether another method would say something else. The verdict uses none of it.',
    (analysed) => [
      centralPassage(analysed, study, names),
      pairwisePassage(analysed, names),
      methodsPassage(analysed, study, names),
      reversalPassage(analysed, names),
    ],
    () => [
      settledPassage(decision, names),
      dominancePassage(decision, names),
      ...dataWeightsPassage(study, decision, names),
    ],
  );
}
