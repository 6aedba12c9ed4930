import type { Compression } from "../../host/layers/archive.ts";
import { mediaTypes, type ImageForm } from "../../oci/oci.ts";
import { EngineError } from "../errors.ts";
import { refusal } from "../validation.ts";

/** How an image is written. */
export interface WrittenForm {
  readonly form: ImageForm;
  readonly compression: Compression;
  readonly layerType: string;
}

export interface FormOptions {
  readonly forcedCompression?: string | null;
  readonly mediaTypes?: string | null;
}

/** Whose media types, and how the layers are compressed. @throws EngineError for a compression that is not written here */
export function formOf(options: FormOptions, field: string): WrittenForm {
  const form = options.mediaTypes?.startsWith("D") === true ? "docker" : "oci";
  const compression = compressions[options.forcedCompression ?? "Gzip"];
  if (compression === undefined)
    throw new EngineError(refusal(`${field}(forcedCompression: ${options.forcedCompression ?? ""})`));
  return { form, compression, layerType: layerTypes[form][compression] };
}

const compressions: Readonly<Partial<Record<string, Compression>>> = {
  Gzip: "gzip",
  Zstd: "zstd",
  Uncompressed: "none",
};

const layerTypes: Readonly<Record<ImageForm, Readonly<Record<Compression, string>>>> = {
  oci: { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd, none: mediaTypes.layer },
  docker: {
    gzip: mediaTypes.dockerLayerGzip,
    zstd: mediaTypes.dockerLayerZstd,
    none: mediaTypes.dockerLayer,
  },
};
