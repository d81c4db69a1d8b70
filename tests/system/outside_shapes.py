"""Shapes of the API as its clients know them, and a check against them.

Written from the contract alone, without a look at openapi/drs.yaml: where the
two differ one of them is wrong.  `name?:` may be absent, `T|null` may be null,
`T[]` is a list, `{T}` an object with values T.
"""

import re

UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")

SHAPES = """
LaunchConfig
  subnetId?: string, securityGroupIds?: string[], instanceProfileName?: string
  instanceType?: string, staticPrivateIp?: string, copyPrivateIp?: bool
  targetInstanceTypeRightSizingMethod?: NONE|BASIC|IN_AWS
  launchIntoInstanceProperties?: object, bootMode?: string, copyTags?: bool
  launchDisposition?: STOPPED|STARTED, licensing?: object
  postLaunchEnabled?: bool, name?: string, associatePublicIp?: bool
  monitoring?: bool, ebsOptimized?: bool, disableApiTermination?: bool
  tags?: {string}, creditSpecification?: string

ServerLaunchConfig
  sourceServerId: string, instanceId?: string, instanceName?: string
  tags?: {string}, useGroupDefaults: bool, launchTemplate: LaunchConfig
  effectiveConfig?: LaunchConfig

LaunchConfigStatus
  status: not_configured|pending|syncing|ready|partial|failed|drifted
  groupId?: uuid, syncJobId: uuid|null, requestId?: string
  startTime?: ms, startTimeIso?: iso, completionTime?: ms|null
  completionTimeIso?: iso|null, lastApplied: iso|null, appliedBy: string|null
  progressCount: int, totalCount: int, completedServers: int
  totalServers: int, percentage: int, estimatedTimeRemaining?: int
  progress?: Progress, appliedServers: int, failedServers: int
  serverConfigs: ServerConfigStatus[], servers: ServerConfigStatus[]
  errors: string[], error?: string|null, message?: string

Progress
  completed: int, total: int, percentage: int

ServerConfigStatus
  sourceServerId: string, hostname?: string, status: ready|failed|pending
  lastApplied: iso|null, lastSyncTime?: ms, configHash: string|null
  errors: string[], error?: string

Group
  groupId: uuid, protectionGroupId: uuid, groupName: string
  description: string, region: string, accountId: string
  assumeRoleName: string, owner: string, serverSelectionTags: {string}
  sourceServerIds: string[], launchConfig?: LaunchConfig
  servers?: ServerLaunchConfig[], launchConfigStatus?: LaunchConfigStatus
  createdDate: epoch, lastModifiedDate: epoch, updatedAt?: iso, version: int
  resolvedServers?: Server[], resolvedServerCount?: int

GroupList
  groups: Group[], count: int

Assignment
  protectionGroupId: uuid, protectionGroupName: string
  assignmentType?: explicit|tag-based

Server
  sourceServerID: string, hostname: string, fqdn?: string, nameTag?: string
  sourceInstanceId?: string, sourceIp?: string, sourceMac?: string
  sourceRegion?: string, sourceAccount?: string
  sourceAvailabilityZone?: string, targetAvailabilityZone?: string
  os?: string, state: string, replicationState: string, lagDuration: string
  lastSeen: string, lastLaunchType?: string, lastLaunchStatus?: string
  lastLaunchTime?: string, lastLaunchResult?: string
  replicatedStorageBytes?: int, hardware?: Hardware
  networkInterfaces?: Interface[], drsTags: {string}, tags: {string}
  assignedToProtectionGroup: Assignment|null, selectable: bool
  region?: string, sourceAccountId?: string, stagingAccountId?: string
  dataSource?: inventory

Hardware
  cpus?: Cpu[], totalCores?: int, ramBytes?: int, ramGiB?: number
  disks?: Disk[], totalDiskGiB?: number

Cpu
  modelName: string, cores: int

Disk
  deviceName: string, bytes: int, sizeGiB: number

Interface
  ips: string[], macAddress: string, isPrimary: bool

Resolved
  region: string, tags: {string}, serverSelectionTags: {string}
  resolvedServers: Server[], sourceServers: Server[], serverCount: int
  resolvedAt: epoch

AuditTrail
  timestamp: iso, user: string, action?: string, changedFields?: string[]
  applyResult?: ApplyResult

ApplyResult
  applied: int, skipped: int, failed: int, details: ApplyDetail[]

ApplyDetail
  serverId: string, status: applied|skipped|failed, reason?: string
  templateId?: string, error?: string

ServerConfigSaved
  sourceServerId: string, instanceId?: string, instanceName?: string
  tags?: {string}, useGroupDefaults: bool, launchTemplate: LaunchConfig
  effectiveConfig: LaunchConfig, message: string, auditTrail: AuditTrail

ServerConfigDeleted
  sourceServerId: string, message: string, effectiveConfig: LaunchConfig
  auditTrail: AuditTrail

IpValid
  valid: bool, ip: string, subnetId: string, details: IpDetails

IpDetails
  inCidrRange: bool, notReserved: bool, available: bool, subnetCidr: string

IpInvalid
  valid: bool, ip: string, subnetId: string, error: string, message: string
  details?: object, conflictingResource?: object

Bulk
  message: string, summary: BulkSummary, totalRequested: int
  successCount: int, failureCount: int, results: BulkResult[]

BulkSummary
  total: int, applied: int, failed: int

BulkResult
  sourceServerId: string, serverId: string, status: applied|failed
  success: bool, effectiveConfig?: LaunchConfig, error?: string
  message?: string

AuditLogEntry
  timestamp: iso, user: string, action: string, protectionGroupId: uuid
  serverId: string, changes: AuditChange[]

AuditChange
  field: string, oldValue: string|null, newValue: string|null

Wave
  waveNumber: int, waveName: string, waveDescription: string
  protectionGroupId: uuid, protectionGroupIds: uuid[], serverIds: string[]
  serverSelection?: ALL|SUBSET, serverCount?: int, pauseBeforeWave: bool
  dependsOnWaves: int[], preWaveActions?: any, postWaveActions?: any
  healthCheckConfig?: any, rollbackConfig?: any, executionType?: any
  failurePolicy?: FAIL_FAST|CONTINUE|PAUSE, minLaunchedPercent?: int
  optionalServerIds?: string[], autoRetryFailed?: int
  emptyWavePolicy?: FAIL|SKIP, deadlineMinutes?: int
  launchConfigPolicy?: STRICT|BEST_EFFORT, waitForLaunchActions?: bool

Plan
  planId: uuid, planName: string, name: string, description: string
  waves: Wave[], waveCount: int, accountId: string, assumeRoleName: string
  notificationEmail: string, snsSubscriptionArn: string, rpo?: any, rto?: any
  createdDate: epoch, lastModifiedDate: epoch, version: int
  warnings?: PlanWarning[], maxParallelWaves?: int
  interWaveDelaySeconds?: int, interServerDelaySeconds?: int, priority?: int
  protectionGroupId?: uuid

PlanWarning
  type: CONCURRENT_JOBS_AT_LIMIT|SERVER_CONFLICTS_DETECTED, severity: warning
  message: string, recommendation: string, canExecuteNow: bool
  currentJobs?: int, maxJobs?: int, conflicts?: WarningConflicts

WarningConflicts
  execution_conflicts: int, drs_job_conflicts: int, quota_violations: int

PlanItem
  *Plan, lastExecutionStatus: string|null, lastStartTime: epoch|null
  lastEndTime: epoch|null, lastExecutionId?: uuid, hasServerConflict: bool
  conflictInfo: ConflictInfo|null, sharedProtectionGroups: Shared[]|null

ConflictInfo
  hasConflict: bool, conflictingServers: string[]
  conflictingExecutionId: uuid|null, conflictingPlanId: uuid|null
  conflictingStatus: string|null, conflictingDrsJobId: string|null
  reason: string

Shared
  protectionGroupId: uuid, protectionGroupName: string
  sharedWithPlans: SharedPlan[]

SharedPlan
  planId: uuid, planName: string

PlanList
  recoveryPlans: PlanItem[], plans: PlanItem[], count: int

Existing
  hasExistingInstances: bool, instanceCount: int, planId: uuid
  existingInstances: ExistingInstance[]

ExistingInstance
  sourceServerId: string, recoveryInstanceId: string, ec2InstanceId: string
  ec2InstanceState: string, sourceServerName?: string, name?: string
  privateIp?: string, publicIp?: string, instanceType?: string
  launchTime?: iso, region: string, sourceExecutionId?: uuid|null
  sourcePlanName?: string|null

AccountContext
  accountId: string, assumeRoleName: string, isCurrentAccount: bool

Execution
  executionId: uuid, planId: uuid, recoveryPlanId: uuid, planName: string
  recoveryPlanName: string, recoveryPlanDescription?: string
  protectionGroupId?: uuid, executionType: DRILL|RECOVERY, status: string
  initiatedBy: string, executedBy: string, startTime: epoch, endTime?: epoch
  duration?: int, durationSeconds?: int, lastUpdated?: epoch
  updatedAt?: epoch, lastPolledTime?: epoch, currentWave: int
  totalWaves: int, completedWaves?: int, failedWaves?: int
  waves: ExecWave[], waveExecutions: ExecWave[]
  accountContext: AccountContext, accountId: string, accountName?: string
  drsJobId?: string, drsRegion?: string, pausedBeforeWave?: int
  errorMessage?: string, errorCode?: string, error?: ExecError
  outcomeSummary?: string, outcomeDetails?: Outcome
  selectionMode: TAGS|PLAN, hasActiveDrsJobs: bool
  terminationMetadata: TerminationMetadata, terminationInitiatedAt?: epoch
  terminateJobs?: TerminateJob[], instancesTerminated?: bool
  instancesTerminatedAt?: epoch, invocationSource?: string
  invocationDetails?: object, dataSource?: cached|realtime
  hasRealtimeData?: bool, accountContexts?: AccountContext[], version?: int
  planVersion?: int, percentComplete?: number, activeWaves?: int[]
  pauseReason?: PLANNED|REQUESTED|WAVE_FAILED, pausedAt?: epoch
  pausedBy?: string, pauseDeadlineAt?: epoch, recoveryPoint?: string
  recoverySnapshots?: {string}, reason?: string, notes?: object[]
  overrides?: object, warnings?: object[], scheduleId?: uuid

ExecError
  code: string, message: string, details?: object, timestamp?: iso

TerminationMetadata
  canTerminate: bool, reason: string|null, hasRecoveryInstances: bool

TerminateJob
  jobId: string, region: string, accountId: string, type: TERMINATE
  status: string

ExecWave
  waveNumber: int, waveName: string, waveDescription?: string
  protectionGroupId: uuid, protectionGroupIds?: uuid[], serverIds: string[]
  status: string, statusMessage?: string, error?: WaveError
  pauseBeforeWave?: bool, dependsOnWaves?: int[], jobId?: string
  region?: string, startTime?: epoch, endTime?: epoch, duration?: int
  serverStatuses: ServerStatus[], serverExecutions: ServerExecution[]
  servers?: ServerExecution[], enrichedServers?: EnrichedServer[]
  DRSJobDetails?: JobDetails, phase?: string|null, statusReason?: string|null
  attempt?: int, skipped?: bool, deadlineAt?: epoch, launchUnits?: object[]
  failurePolicy?: string, minLaunchedPercent?: int
  optionalServerIds?: string[], autoRetryFailed?: int
  emptyWavePolicy?: string, deadlineMinutes?: int
  launchConfigPolicy?: string, waitForLaunchActions?: bool
  serverSelection?: string, serverCount?: int

WaveError
  message: string, code?: string

ServerStatus
  sourceServerId: string, serverName?: string, hostname?: string
  launchStatus: string, instanceId?: string, recoveryInstanceId?: string
  privateIp?: string, ipAddress?: string, instanceType?: string
  instanceState?: string, sourceInstanceId?: string, launchTime?: when
  error?: string, *OurServer

ServerExecution
  sourceServerId: string, serverId: string, serverName?: string
  hostname?: string, nameTag?: string, status: string, launchStatus: string
  recoveredInstanceId?: string, instanceId?: string, ec2InstanceId?: string
  region?: string, sourceRegion?: string, sourceInstanceId?: string
  sourceAccountId?: string, sourceIp?: string, replicationState?: string
  instanceType?: string, privateIp?: string, launchTime?: when
  error?: WaveError, *OurServer

OurServer
  phase?: string|null, phaseSince?: epoch, unitId?: string
  accountId?: string, attempt?: int, criticality?: CRITICAL|OPTIONAL
  recoveryPoint?: object, lagAtStart?: string, launchedAt?: epoch
  errorCode?: string, advice?: string, launchActions?: object[]

EnrichedServer
  sourceServerId: string, Hostname?: string, NameTag?: string
  region?: string, SourceInstanceId?: string, SourceAccountId?: string
  SourceIp?: string, SourceRegion?: string, ReplicationState?: string
  RecoveryInstanceId?: string, instanceType?: string, privateIp?: string
  ec2State?: string, launchTime?: string

JobDetails
  status: string, statusMessage?: string, creationDateTime?: iso
  endDateTime?: iso, participatingServers: int, launchedServers: int
  targetAccountId?: string, targetAccountName?: string
  stagingJobs: StagingJob[]

StagingJob
  jobId: string, stagingAccountId: string, type: string, status: string
  statusMessage?: string, creationDateTime: iso, endDateTime?: iso
  participatingServers: int, serverIds: string[]

Outcome
  totalWaves: int, wavesCompleted: int, wavesFailed: int
  wavesCancelled: int, wavesPending: int, totalServers: int
  serversLaunched: int, serversFailed: int, serversCancelled: int
  serversPending: int, completedWaves: WaveOutcome[]
  failedWaves: WaveOutcome[], cancelledWaves: WaveOutcome[]

WaveOutcome
  name: string, serversLaunched: int, serversFailed: int
  serversCancelled: int

ExecutionList
  items: Execution[], count: int, nextToken: string|null, totalCount?: int

Started
  executionId: uuid, status: PENDING, message: string, statusUrl: string

DryRun
  dryRun: bool, valid: bool, planId: uuid, message: string, warnings: any[]

BulkDeletion
  message: string, deletedCount: int, totalScanned: int, completedFound: int
  safeToDelete: int, skippedWithActiveJobs: int, skippedWithInstances: int
  activePreserved: int, skippedExecutionIds?: uuid[]
  failedDeletes?: object[], warning?: string

Deletion
  message: string, deletedCount: int, totalRequested: int, notFound: int
  activeSkipped: int, failed: int, notFoundIds?: string[]
  activeExecutionsSkipped?: SkippedDeletion[], failedDeletes?: object[]
  warning?: string

SkippedDeletion
  executionId: uuid, status: string, reason: string

Cancelled
  executionId: uuid, status: CANCELLING|CANCELLED|PARTIAL, message: string
  details: CancelDetails

CancelDetails
  completedWaves: int[], inProgressWaves: int[], cancelledWaves: int[]

Paused
  executionId: uuid, status: PAUSE_PENDING|PAUSED, message: string
  lastCompletedWave: int

Resumed
  executionId: uuid, status: RESUMING, message: string, nextWave: int

Terminated
  executionId: uuid, message: string, terminated: TerminatedInstance[]
  failed: object[], jobs: TerminateAnswerJob[], totalFound: int
  totalTerminated: int, totalFailed: int, alreadyTerminated?: bool
  noInstancesFound?: bool, reason?: string

TerminatedInstance
  recoveryInstanceId: string, instanceId: string, region: string
  jobId: string, previousState?: string, currentState?: string

TerminateAnswerJob
  jobId: string, region: string, type: TERMINATE, status: string
  accountId?: string

Instances
  executionId: uuid, totalInstances: int, message: string
  instances: Instance[]

Instance
  instanceId: string, recoveryInstanceId: string, sourceServerId: string
  region: string, waveName: string, waveNumber: int, jobId: string
  status: string, hostname?: string, serverName?: string

JobLogs
  executionId: uuid, jobLogs: JobLog[]

JobLog
  waveNumber: int, jobId: string, error?: string, events: JobEvent[]

JobEvent
  event: string, eventData: object, logDateTime: iso, sourceServerId?: string
  error?: string, conversionServerId?: string

TerminationStatus
  executionId: uuid, jobs: TerminationJob[], totalServers: int
  completedServers: int, progressPercent: int, allCompleted: bool
  anyFailed: bool, state?: RUNNING|DONE|FAILED
  instances?: TerminationInstance[]

TerminationInstance
  recoveryInstanceId?: string, sourceServerId?: string, accountId: string
  region: string, jobId?: string, state: PENDING|TERMINATED|FAILED
  errorCode?: string, error?: string

TerminationJob
  jobId: string, status: string, type: string, totalServers: int
  accountId?: string, region?: string
  completedServers: int, failedServers: int, jobCompleted?: bool

SourceServers
  servers: Server[], region: string, serverCount: int, totalCount: int
  initialized: bool, availableCount: int, assignedCount: int
  timestamp: epoch, hardwareDataIncluded: bool
  source: inventory_database|live, status?: ACTIVE, message?: string

SourceServersOfGroup
  region: string, protectionGroupId: uuid, protectionGroupName: string
  initialized: bool, servers: Server[], totalCount: int, serverCount: int
  tags?: {string}, resolvedAt?: epoch, message?: string

Inventory
  servers: Server[], count: int, totalCount: int, regions: string[]
  source: inventory_database

Limits
  MAX_SERVERS_PER_JOB: int, MAX_CONCURRENT_JOBS: int
  MAX_SERVERS_IN_ALL_JOBS: int, MAX_REPLICATING_SERVERS: int
  MAX_SOURCE_SERVERS: int, WARNING_REPLICATING_THRESHOLD: int
  CRITICAL_REPLICATING_THRESHOLD: int

Quotas
  accountId: string, accountName: string, region: string, limits: Limits
  capacity: QuotaCapacity, concurrentJobs: QuotaJobs
  serversInJobs: QuotaJobs1

QuotaCapacity
  totalSourceServers: int, replicatingServers: int
  maxReplicatingServers: int, maxSourceServers: int
  availableReplicatingSlots: int, status: string, message: string
  error?: string, regionalBreakdown?: QuotaRegion[]
  failedRegions?: string[], activeRegions?: int, totalRegionalCapacity?: int

QuotaRegion
  region: string, totalServers: int, replicatingServers: int
  maxReplicating: int, availableSlots: int, percentUsed: number
  status: string

QuotaJobs
  current: int|null, max: int, available: int|null

QuotaJobs1
  current: int|null, max: int

ServiceLimits
  limits: Limits, mode: queue|strict, regions: string[]

TagSyncStarted
  message: string, status: STARTED, details: string, statusCode: int
  functionName: string

TagSyncDone
  message: string, accountId: string, accountName: string
  total_regions: int, regions_with_servers: int, total_servers: int
  total_synced: int, total_failed: int, regions: string[]
  totalRegions: int, regionsWithServers: int, totalServers: int
  totalSynced: int, totalFailed: int

TagSyncLast
  lastSync: iso|null, source: manual|eventbridge|settings_update
  totalAccounts: int, totalSynced: int, totalFailed: int, totalServers: int
  status: SUCCESS|PARTIAL|IN_PROGRESS|UNKNOWN, message?: string

Jobs
  jobs: Job[], count: int, region: string

Job
  jobId: string, arn?: string, type: string, initiatedBy: string
  status: string, region: string, accountId: string, creationDateTime: iso
  endDateTime?: iso, serverCount: int, participatingServers: JobServer[]
  executionId?: uuid, planId?: uuid, waveNumber?: int

JobServer
  sourceServerId: string, recoveryInstanceId?: string, launchStatus: string

Replication
  region: string, count: int, servers: ReplicationServer[]

ReplicationServer
  sourceServerID: string, hostname: string, state: string
  replicationState: string, lagDuration: string, etaDateTime?: iso
  backloggedStorageBytes?: int, replicatedStorageBytes?: int
  totalStorageBytes?: int, lastSeen: string, stalledReason?: string

Service
  regions: ServiceRegion[], count: int

ServiceRegion
  region: string, accountId: string, status: string, serverCount: int
  lastUpdated: iso, errorMessage?: string, initialized: bool

Failover
  recoveryInstances: RecoveryInstance[], count: int

RecoveryInstance
  recoveryInstanceId: string, ec2InstanceId: string, sourceServerId: string
  region: string, accountId: string, ec2InstanceState: string
  launchTime: iso, isDrill: bool, jobId?: string, sourceExecutionId?: uuid
  sourcePlanName?: string

RecoveryStarted
  jobId: string, region: string, accountId: string, type: LAUNCH
  status: string, isDrill: bool, participatingServers: string[]

InstanceSync
  instancesUpdated: int, regionsScanned: int, errors: string[]

InstanceSyncLast
  lastSyncTime: iso|null, instancesUpdated: int, errors: string[]
  status: healthy|no_sync_yet|error

Subnets
  subnets: Subnet[]

Subnet
  value: string, label: string, vpcId: string, az: string, cidr: string

SecurityGroups
  securityGroups: SecurityGroup[]

SecurityGroup
  value: string, label: string, name: string, vpcId: string
  description: string

InstanceProfiles
  instanceProfiles: InstanceProfile[]

InstanceProfile
  value: string, label: string, arn: string

InstanceTypes
  instanceTypes: InstanceType[]

InstanceType
  value: string, label: string, vcpus: int, memoryGb: number

Export
  metadata: ExportMetadata, exportedAt: iso, sourceRegion: string
  sourceAccount: string, protectionGroups: ExportGroup[]
  recoveryPlans: ExportPlan[]

ExportMetadata
  schemaVersion: string, exportedAt: iso, sourceRegion: string
  sourceAccount: string, exportedBy: string, protectionGroupCount: int
  recoveryPlanCount: int, serverCount: int, serversWithCustomConfig: int
  orphanedReferences: int

ExportGroup
  groupName: string, description: string, region: string, accountId: string
  assumeRoleName: string, owner: string, serverSelectionTags?: {string}
  sourceServerIds?: string[], launchConfig?: LaunchConfig
  servers?: ServerLaunchConfig[]

ExportPlan
  planName: string, description: string, accountId: string
  assumeRoleName: string, notificationEmail?: string, waves: ExportWave[]
  rpo?: any, rto?: any, maxParallelWaves?: int, interWaveDelaySeconds?: int
  interServerDelaySeconds?: int, priority?: int

ExportWave
  waveNumber: int, waveName: string, waveDescription: string
  protectionGroupName?: string, protectionGroupNames?: string[]
  serverIds: string[], pauseBeforeWave: bool, dependsOnWaves: int[]
  protectionGroupId?: uuid, protectionGroupIds?: uuid[]
  failurePolicy?: string, minLaunchedPercent?: int
  optionalServerIds?: string[], autoRetryFailed?: int
  emptyWavePolicy?: string, deadlineMinutes?: int
  launchConfigPolicy?: string, waitForLaunchActions?: bool
  preWaveActions?: any, postWaveActions?: any, healthCheckConfig?: any
  rollbackConfig?: any, executionType?: any

Import
  success: bool, dryRun: bool, correlationId: uuid, summary: ImportSummary
  created: ImportItem[], skipped: ImportItem[], failed: ImportItem[]

ImportSummary
  protectionGroups: ImportCounts, recoveryPlans: ImportCounts

ImportCounts
  created: int, skipped: int, failed: int

ImportItem
  type: ProtectionGroup|RecoveryPlan, name: string
  status: created|skipped|failed, reason?: string, details?: object

Manifest
  valid: bool, correlationId: uuid, summary: ManifestSummary
  schemaValidation: SchemaValidation
  protectionGroupValidation: GroupValidation[]
  recoveryPlanValidation: PlanValidation[], errors: Finding[]
  warnings: Finding[]

ManifestSummary
  totalProtectionGroups: int, totalRecoveryPlans: int, totalServers: int
  serversWithCustomConfig: int, validationErrors: int
  validationWarnings: int

SchemaValidation
  valid: bool, errors: Finding[]

GroupValidation
  groupName: string, valid: bool, errors: Finding[], warnings: Finding[]

PlanValidation
  planName: string, valid: bool, errors: Finding[], warnings: Finding[]

Finding
  code: string, message: string, path?: string

TagSyncSettings
  enabled: bool, intervalHours: int, scheduleExpression: string
  ruleName: string, lastModified: iso|null, message?: string

TagSyncSaved
  message: string, enabled: bool, intervalHours: int
  scheduleExpression: string, ruleName: string, lastModified: iso
  syncTriggered: bool, syncResult: SyncResult|null

SyncResult
  message: string

CurrentAccount
  accountId: string, accountName: string, isCurrentAccount: bool

Account
  accountId: string, accountName: string, status: active|inactive
  isCurrentAccount: bool, roleArn?: string, crossAccountRoleArn?: string
  assumeRoleName?: string, externalId?: string
  stagingAccounts: StagingAccount[], isDefault?: bool, createdAt: iso
  updatedAt: iso, lastValidated?: iso|null, createdBy?: string
  stagingAccountId?: string, stagingAccountName?: string

AccountMade
  *Account, message: string, isFirstAccount?: bool
  discoveredStagingAccounts?: string[]

StagingAccount
  accountId: string, accountName: string, roleArn: string
  externalId?: string, addedAt: iso, addedBy: string

AccountValidated
  accountId: string, valid: bool, message: string
  details: ValidationDetails, validationResults: ValidationResult[]
  overallStatus: active|error, lastValidated: iso

ValidationDetails
  roleExists: bool, roleAccessible: bool, requiredPermissions: bool
  error?: string

ValidationResult
  service: IAM|DRS, region?: string, status: success|warning|error
  message: string

StagingValidated
  valid: bool, roleAccessible: bool, drsInitialized: bool
  currentServers: int, replicatingServers: int, totalAfter: int
  error?: string, details?: object

StagingList
  success: bool, message: string, stagingAccounts: StagingAccount[]

StagingSynced
  *StagingList, targetAccountId: string, changes: StagingChanges

StagingChanges
  added: string[], removed: string[]

Discovered
  targetAccountId: string, totalServers: int, message: string
  stagingAccounts: DiscoveredAccount[]

DiscoveredAccount
  accountId: string, accountName: string, serverCount: int
  replicatingServers: int, totalServers: int, status: discovered

Capacity
  combined: Combined, accounts: CapacityAccount[]
  recoveryCapacity: RecoveryCapacity, regionalCapacity: RegionalCapacity[]
  concurrentJobs: CapacityJobs, serversInJobs: CapacityJobs
  maxServersPerJob: MaxPerJob, warnings: string[], timestamp: iso
  worst?: object|null

Combined
  totalReplicating: int, maxReplicating: int, percentUsed: number
  availableSlots: int, status: string, message: string

CapacityAccount
  accountId: string, accountName: string, accountType: target|staging
  replicatingServers: int, totalServers: int, maxReplicating: int
  availableSlots: int, percentUsed: number, status: string
  accessible: bool, error?: string, activeRegions: int
  totalRegionalCapacity: int, warnings: string[]
  regionalBreakdown: CapacityRegion[]

CapacityRegion
  region: string, totalServers: int, replicatingServers: int
  maxReplicating: int, availableSlots: int, percentUsed: number
  status: string, error?: string|null

RecoveryCapacity
  currentServers: int, maxRecoveryInstances: int, availableSlots: int
  percentUsed: number, status: OK|WARNING|CRITICAL

RegionalCapacity
  region: string, replicatingServers: int, maxReplicating: int
  replicationPercent: number, replicationAvailable: int
  recoveryServers: int, recoveryMax: int, recoveryPercent: number
  recoveryAvailable: int, accountCount: int

CapacityJobs
  current: int, max: int, available: int

MaxPerJob
  current: int, max: int, available: int, jobId?: string|null
  status: OK|WARNING, message: string

Health
  status: healthy|unhealthy, service: string, timestamp: iso
  version?: string, redis?: object, worker?: object

User
  email: string, userId: string, username: string, groups: string[]

Permissions
  user: User, roles: string[], permissions: string[]

Roles
  user: User, roles: string[]

Profile
  email: string, userId: string, username: string, groups: string[]
  emailVerified: bool, name: string|null, givenName: string|null
  familyName: string|null, department?: string, jobTitle?: string

Error
  error: string, code: string, message: string, details?: any
  retryable?: bool, retryAfter?: int, requestId: string
"""

SIMPLE = {
    "string": lambda v: isinstance(v, str),
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float))
    and not isinstance(v, bool),
    "bool": lambda v: isinstance(v, bool),
    "epoch": lambda v: SIMPLE["int"](v) and 10**9 < v < 10**10,
    "ms": lambda v: SIMPLE["int"](v) and v > 10**12,
    "iso": lambda v: isinstance(v, str) and ISO.fullmatch(v) is not None,
    "when": lambda v: v == 0 or SIMPLE["epoch"](v) or SIMPLE["iso"](v),
    "uuid": lambda v: isinstance(v, str) and UUID.fullmatch(v) is not None,
    "object": lambda v: isinstance(v, dict),
    "any": lambda v: True,
    "null": lambda v: v is None,
}


def _parse(text):
    shapes = {}
    for block in re.split(r"\n\s*\n", text.strip()):
        name, _, body = block.partition("\n")
        fields = {}
        for item in re.split(r"[,\n]", body):
            item = item.strip()
            if not item:
                continue
            if item.startswith("*"):
                fields.update({item: None})
                continue
            key, _, kind = item.partition(":")
            fields[key] = kind.strip()
        shapes[name.strip()] = fields
    return shapes


def _flat(name):
    fields = {}
    for key, kind in RAW[name].items():
        if key.startswith("*"):
            fields.update(_flat(key[1:]))
        else:
            fields[key.rstrip("?")] = (kind, key.endswith("?"))
    return fields


RAW = _parse(SHAPES)
FLAT = {name: _flat(name) for name in RAW}


# what older servers leaked, or spelt otherwise (section 2.7, 5.3 of the
# contract): never in any answer
NEVER = {"taskToken", "pausedStateSnapshot", "stateMachineArn", "releasedIps",
         "InstancesTerminated", "Status", "LaunchStatus", "ServerStatuses"}


def check(value, kind, where="$"):
    """A list of what is wrong with value (empty: nothing).

    Members that the contract does not know are additions and may be there.
    """
    if kind.endswith("[]") and "|" not in kind:
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no list"]
        return [p for i, v in enumerate(value)
                for p in check(v, kind[:-2], f"{where}[{i}]")]
    if "|" in kind:
        options = kind.split("|")
        if value is None:
            return [] if "null" in options else [f"{where}: null"]
        options = [o for o in options if o != "null"]
        if len(options) == 1:
            return check(value, options[0], where)
        return [] if value in options else [f"{where}: {value!r} not {kind}"]
    if kind.startswith("{"):
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no object"]
        return [p for k, v in value.items()
                for p in check(v, kind[1:-1], f"{where}.{k}")]
    if kind in SIMPLE:
        return [] if SIMPLE[kind](value) else [f"{where}: {value!r} no {kind}"]
    if kind not in FLAT:
        return [] if value == kind else [f"{where}: {value!r} not {kind}"]
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no {kind}"]
    problems = []
    for key, (member, optional) in FLAT[kind].items():
        if key in value:
            problems += check(value[key], member, f"{where}.{key}")
        elif not optional:
            problems.append(f"{where}.{key} is absent")
    return problems


def leaks(value, where="$"):
    """Members that must never be sent."""
    if isinstance(value, list):
        return [p for i, v in enumerate(value)
                for p in leaks(v, f"{where}[{i}]")]
    if not isinstance(value, dict):
        return []
    return [f"{where}.{k}" for k in value if k in NEVER] \
        + [p for k, v in value.items() for p in leaks(v, f"{where}.{k}")]


def has(value, *paths):
    """Paths that are absent: a.b, a[].b (every item of a list)."""
    missing = []
    for path in paths:
        todo = [value]
        for part in path.split("."):
            each = part.endswith("[]")
            key = part[:-2] if each else part
            found = []
            for v in todo:
                if key and (not isinstance(v, dict) or key not in v):
                    missing.append(path)
                    continue
                v = v[key] if key else v
                if each and not v:
                    missing.append(path + " (empty)")
                found += v if each else [v]
            todo = found
    return missing
