/** What the owner of another account has to set up; pure. */

/** Role of the workers as deploy/cloudformation/hub-role.yaml names it. */
export const HUB_ROLE = 'DRSOrchestrationHub';
/** Role in the other account as target-account-role.yaml names it. */
export const TARGET_ROLE = 'DRSOrchestrationRole';

/** 32 hexadecimal digits that nobody can guess. */
export function newExternalId(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> = (b) => crypto.getRandomValues(b)): string {
  return [...random(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Partition of a role's ARN, such as aws-us-gov. */
export function partitionOf(roleArn: string): string {
  return /^arn:(aws(?:-[a-z]+)*):/.exec(roleArn)?.[1] ?? 'aws';
}

/** Who may assume the role, and with which external ID. */
export function trustPolicy({ hub, hubRole, externalId, roleArn }: { hub: string; hubRole: string; externalId: string; roleArn: string }): string {
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:${partitionOf(roleArn)}:iam::${hub}:role/${hubRole}` },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': externalId } },
        },
      ],
    },
    null,
    2,
  );
}
