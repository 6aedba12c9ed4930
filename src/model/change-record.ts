/**
 * What a change record is called among in-toto's predicates. A UUID names it without claiming a domain; what is derived
 * differently one day gets another one (docs/decisions/011-a-change-record-proves-itself.md).
 */
export const changeRecordType = "urn:uuid:278ae443-2684-4d5e-8832-f0b397b4a0f7";
