import { EngineError } from "../errors.ts";
import { valueOf, type ContainerState } from "./state.ts";

/** `$NAME` and `${NAME}` replaced by the container's variables; what is not set is empty. */
export function expand(state: ContainerState, text: string): string {
  return text.replace(
    /\$(?:\{([^}]*)\}|(\w+)|(\$))/g,
    (whole, braced: string | undefined, bare: string | undefined, dollar: string | undefined) => {
      if (dollar !== undefined) return "$";
      const name = braced ?? bare ?? "";
      if (state.secretEnv.some((variable) => variable.name === name)) {
        throw new EngineError(`expand cannot be used with secret env variable ${JSON.stringify(name)}`);
      }
      return /^\w+$/.test(name) ? (valueOf(state.env, name) ?? "") : whole === "${}" ? "" : "";
    },
  );
}
