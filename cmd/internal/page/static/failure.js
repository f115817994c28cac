/** A Failure is an answer with an error. */
export class Failure extends Error {
  constructor(f) {
    super(f.error);
    this.hint = f.hint;
    this.problems = f.problems;
  }
}
