export { judgeApprovals } from "./judge.ts";
export type {
  ApprovalPolicy,
  ApprovalsInput,
  ApprovalsJudgement,
  CountedApproval,
  IgnoredApproval,
  PlanToApprove,
} from "./judgement.ts";
export { keyStanding } from "./key-standing.ts";
export { howToSign } from "./signers/example.ts";
export type { GroupNeed } from "./seats.ts";
export { parseAllowedSigners, requireWellFormed, type AllowedSigners } from "./signers/allowed-signers.ts";
export { verifySshSignature, type SignatureAnswer } from "./ssh/ssh-signature.ts";
export {
  approvalEventType,
  approvalNamespace,
  approvalStatement,
  readApproval,
  type ApprovalEnvelope,
  type ApprovalReading,
  type ApprovalStatement,
} from "./statement.ts";
