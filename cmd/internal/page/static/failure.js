/** A Failure is an answer that says no. */
export class Failure extends Error {
  constructor(f) {
    super(f.error);
    this.hint = f.hint;
    this.problems = f.problems;
  }
}
