/** The few functions of jstat that are used here; it brings no types. */
declare module "jstat" {
  interface Distribution<P extends number[]> {
    cdf(x: number, ...parameters: P): number;
    inv(p: number, ...parameters: P): number;
  }
  const jstat: {
    readonly jStat: {
      gammaln(x: number): number;
      readonly normal: Distribution<[mean: number, deviation: number]>;
      readonly studentt: Distribution<[degrees: number]>;
    };
  };
  export default jstat;
}
