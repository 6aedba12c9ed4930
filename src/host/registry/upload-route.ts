import { isDigest } from "../../oci/oci.ts";
import { answerEmpty, bytesOf, notAllowed, RegistryRefusal, requireDigest } from "./answers.ts";
import type { RegistryCall } from "./routes.ts";
import type { Storage } from "./storage.ts";
import { rangeOf } from "./uploads.ts";
import type { Uploads } from "./uploads.ts";

/** `POST /v2/<repository>/blobs/uploads/`, then `GET`, `PATCH`, `PUT` and `DELETE` of the upload's own address. */
export async function answerUploadRequest(
  call: RegistryCall,
  storage: Storage,
  uploads: Uploads,
): Promise<void> {
  const { method, name: id, request } = call;
  const digest = call.url.searchParams.get("digest");
  if (digest !== null) requireDigest(digest);
  if (id === "") return startUpload(call, digest, storage, uploads);
  switch (method) {
    case "GET":
      answerUpload(call, 204, id, await uploads.sizeOf(id));
      return;
    case "PATCH":
      answerUpload(call, 202, id, await uploads.append(id, bytesOf(request), contentStart(call)));
      return;
    case "PUT":
      if (digest === null)
        throw new RegistryRefusal(400, "DIGEST_INVALID", "the digest of the blob is missing");
      await uploads.append(id, bytesOf(request), contentStart(call));
      await uploads.finish(id, digest);
      answerBlob(call, digest);
      return;
    case "DELETE":
      await uploads.cancel(id);
      answerEmpty(call.response, 204);
      return;
    default:
      throw notAllowed(method);
  }
}

/** A blob of another repository is here already: blobs are shared by all. */
async function startUpload(
  call: RegistryCall,
  digest: string | null,
  storage: Storage,
  uploads: Uploads,
): Promise<void> {
  if (call.method !== "POST") throw notAllowed(call.method);
  const mount = call.url.searchParams.get("mount") ?? "";
  if (isDigest(mount) && (await storage.blobSize(mount)) !== null) {
    answerBlob(call, mount);
    return;
  }
  const id = await uploads.start();
  if (digest === null) {
    answerUpload(call, 202, id, 0);
    return;
  }
  await uploads.append(id, bytesOf(call.request), 0);
  await uploads.finish(id, digest);
  answerBlob(call, digest);
}

function answerUpload(
  { response, repository }: RegistryCall,
  status: number,
  id: string,
  sizeBytes: number,
): void {
  answerEmpty(response, status, {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: rangeOf(sizeBytes),
    "docker-upload-uuid": id,
  });
}

function answerBlob({ response, repository }: RegistryCall, digest: string): void {
  answerEmpty(response, 201, {
    location: `/v2/${repository}/blobs/${digest}`,
    "docker-content-digest": digest,
  });
}

/** Where a part begins, when the client says it. */
function contentStart({ request }: RegistryCall): number | undefined {
  const start = /^(?:bytes[ =])?(\d+)-\d+/.exec(request.headers["content-range"] ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}
