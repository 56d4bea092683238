import fc from 'fast-check';

/** The same sequences in every run: a test that fails once fails again. */
fc.configureGlobal({ seed: 2006 });
