
/*
 * Copyright (C) the drs-orchestrator authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Written by scripts/gen_aws_shapes.py; do not edit.
 */

/* clang-format off */

#include "aws_shapes.h"


#define S(n, x) { n, x, n, DRSW_SHAPE_STRING, 0, NULL }
#define I(n, x) { n, x, n, DRSW_SHAPE_INT, 0, NULL }
#define R(n, x) { n, x, n, DRSW_SHAPE_REAL, 0, NULL }
#define B(n, x) { n, x, n, DRSW_SHAPE_BOOL, 0, NULL }
#define M(n, x, q, t, i, s) { n, x, q, DRSW_SHAPE_##t, DRSW_SHAPE_##i, s }


static const drsw_member_t
    drsw_ec2_LaunchTemplateIamInstanceProfileSpecification[] = {
    S("Arn", "arn"), S("Name", "name"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateEbsBlockDevice[] = {
    B("Encrypted", "encrypted"),
    B("DeleteOnTermination", "deleteOnTermination"), I("Iops", "iops"),
    S("KmsKeyId", "kmsKeyId"), S("SnapshotId", "snapshotId"),
    I("VolumeSize", "volumeSize"), S("VolumeType", "volumeType"),
    I("Throughput", "throughput"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateBlockDeviceMapping[] = {
    S("DeviceName", "deviceName"), S("VirtualName", "virtualName"),
    M("Ebs", "ebs", "Ebs", STRUCT, STRING,
        drsw_ec2_LaunchTemplateEbsBlockDevice), S("NoDevice", "noDevice"),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceIpv6Address[] = {
    S("Ipv6Address", "ipv6Address"), DRSW_END
};


static const drsw_member_t  drsw_ec2_PrivateIpAddressSpecification[] = {
    B("Primary", "primary"), S("PrivateIpAddress", "privateIpAddress"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Ipv4PrefixSpecificationResponse[] = {
    S("Ipv4Prefix", "ipv4Prefix"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Ipv6PrefixSpecificationResponse[] = {
    S("Ipv6Prefix", "ipv6Prefix"), DRSW_END
};


static const drsw_member_t
    drsw_ec2_LaunchTemplateInstanceNetworkInterfaceSpecification[] = {
    B("AssociateCarrierIpAddress", "associateCarrierIpAddress"),
    B("AssociatePublicIpAddress", "associatePublicIpAddress"),
    B("DeleteOnTermination", "deleteOnTermination"),
    S("Description", "description"), I("DeviceIndex", "deviceIndex"),
    M("Groups", "groupSet", "SecurityGroupId", LIST, STRING, NULL),
    S("InterfaceType", "interfaceType"),
    I("Ipv6AddressCount", "ipv6AddressCount"),
    M("Ipv6Addresses", "ipv6AddressesSet", "Ipv6Addresses", LIST, STRUCT,
        drsw_ec2_InstanceIpv6Address),
    S("NetworkInterfaceId", "networkInterfaceId"),
    S("PrivateIpAddress", "privateIpAddress"),
    M("PrivateIpAddresses", "privateIpAddressesSet", "PrivateIpAddresses",
        LIST, STRUCT, drsw_ec2_PrivateIpAddressSpecification),
    I("SecondaryPrivateIpAddressCount", "secondaryPrivateIpAddressCount"),
    S("SubnetId", "subnetId"), I("NetworkCardIndex", "networkCardIndex"),
    M("Ipv4Prefixes", "ipv4PrefixSet", "Ipv4Prefix", LIST, STRUCT,
        drsw_ec2_Ipv4PrefixSpecificationResponse),
    I("Ipv4PrefixCount", "ipv4PrefixCount"),
    M("Ipv6Prefixes", "ipv6PrefixSet", "Ipv6Prefix", LIST, STRUCT,
        drsw_ec2_Ipv6PrefixSpecificationResponse),
    I("Ipv6PrefixCount", "ipv6PrefixCount"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplatesMonitoring[] = {
    B("Enabled", "enabled"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplatePlacement[] = {
    S("AvailabilityZone", "availabilityZone"), S("Affinity", "affinity"),
    S("GroupName", "groupName"), S("HostId", "hostId"), S("Tenancy", "tenancy"),
    S("SpreadDomain", "spreadDomain"),
    S("HostResourceGroupArn", "hostResourceGroupArn"),
    I("PartitionNumber", "partitionNumber"), S("GroupId", "groupId"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Tag[] = {
    S("Key", "key"), S("Value", "value"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateTagSpecification[] = {
    S("ResourceType", "resourceType"),
    M("Tags", "tagSet", "Tag", LIST, STRUCT, drsw_ec2_Tag), DRSW_END
};


static const drsw_member_t  drsw_ec2_ElasticGpuSpecificationResponse[] = {
    S("Type", "type"), DRSW_END
};


static const drsw_member_t
    drsw_ec2_LaunchTemplateElasticInferenceAcceleratorResponse[] = {
    S("Type", "type"), I("Count", "count"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateSpotMarketOptions[] = {
    S("MaxPrice", "maxPrice"), S("SpotInstanceType", "spotInstanceType"),
    I("BlockDurationMinutes", "blockDurationMinutes"),
    S("ValidUntil", "validUntil"),
    S("InstanceInterruptionBehavior", "instanceInterruptionBehavior"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateInstanceMarketOptions[] = {
    S("MarketType", "marketType"),
    M("SpotOptions", "spotOptions", "SpotOptions", STRUCT, STRING,
        drsw_ec2_LaunchTemplateSpotMarketOptions), DRSW_END
};


static const drsw_member_t  drsw_ec2_CreditSpecification[] = {
    S("CpuCredits", "cpuCredits"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateCpuOptions[] = {
    I("CoreCount", "coreCount"), I("ThreadsPerCore", "threadsPerCore"), DRSW_END
};


static const drsw_member_t  drsw_ec2_CapacityReservationTargetResponse[] = {
    S("CapacityReservationId", "capacityReservationId"),
    S("CapacityReservationResourceGroupArn",
        "capacityReservationResourceGroupArn"), DRSW_END
};


static const drsw_member_t
    drsw_ec2_LaunchTemplateCapacityReservationSpecificationResponse[] = {
    S("CapacityReservationPreference", "capacityReservationPreference"),
    M("CapacityReservationTarget", "capacityReservationTarget",
    "CapacityReservationTarget", STRUCT, STRING,
        drsw_ec2_CapacityReservationTargetResponse), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateLicenseConfiguration[] = {
    S("LicenseConfigurationArn", "licenseConfigurationArn"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateHibernationOptions[] = {
    B("Configured", "configured"), DRSW_END
};


static const drsw_member_t
    drsw_ec2_LaunchTemplateInstanceMetadataOptions[] = {
    M("State", "state", NULL, STRING, STRING, NULL),
    S("HttpTokens", "httpTokens"),
    I("HttpPutResponseHopLimit", "httpPutResponseHopLimit"),
    S("HttpEndpoint", "httpEndpoint"),
    S("HttpProtocolIpv6", "httpProtocolIpv6"),
    S("InstanceMetadataTags", "instanceMetadataTags"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateEnclaveOptions[] = {
    B("Enabled", "enabled"), DRSW_END
};


static const drsw_member_t  drsw_ec2_VCpuCountRange[] = {
    I("Min", "min"), I("Max", "max"), DRSW_END
};


static const drsw_member_t  drsw_ec2_MemoryMiB[] = {
    I("Min", "min"), I("Max", "max"), DRSW_END
};


static const drsw_member_t  drsw_ec2_MemoryGiBPerVCpu[] = {
    R("Min", "min"), R("Max", "max"), DRSW_END
};


static const drsw_member_t  drsw_ec2_NetworkInterfaceCount[] = {
    I("Min", "min"), I("Max", "max"), DRSW_END
};


static const drsw_member_t  drsw_ec2_TotalLocalStorageGB[] = {
    R("Min", "min"), R("Max", "max"), DRSW_END
};


static const drsw_member_t  drsw_ec2_BaselineEbsBandwidthMbps[] = {
    I("Min", "min"), I("Max", "max"), DRSW_END
};


static const drsw_member_t  drsw_ec2_AcceleratorCount[] = {
    I("Min", "min"), I("Max", "max"), DRSW_END
};


static const drsw_member_t  drsw_ec2_AcceleratorTotalMemoryMiB[] = {
    I("Min", "min"), I("Max", "max"), DRSW_END
};


static const drsw_member_t  drsw_ec2_NetworkBandwidthGbps[] = {
    R("Min", "min"), R("Max", "max"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceRequirements[] = {
    M("VCpuCount", "vCpuCount", "VCpuCount", STRUCT, STRING,
        drsw_ec2_VCpuCountRange),
    M("MemoryMiB", "memoryMiB", "MemoryMiB", STRUCT, STRING,
        drsw_ec2_MemoryMiB),
    M("CpuManufacturers", "cpuManufacturerSet", "CpuManufacturer", LIST,
        STRING, NULL),
    M("MemoryGiBPerVCpu", "memoryGiBPerVCpu", "MemoryGiBPerVCpu", STRUCT,
        STRING, drsw_ec2_MemoryGiBPerVCpu),
    M("ExcludedInstanceTypes", "excludedInstanceTypeSet",
        "ExcludedInstanceType", LIST, STRING, NULL),
    M("InstanceGenerations", "instanceGenerationSet", "InstanceGeneration",
        LIST, STRING, NULL),
    I("SpotMaxPricePercentageOverLowestPrice",
        "spotMaxPricePercentageOverLowestPrice"),
    I("OnDemandMaxPricePercentageOverLowestPrice",
        "onDemandMaxPricePercentageOverLowestPrice"),
    S("BareMetal", "bareMetal"),
    S("BurstablePerformance", "burstablePerformance"),
    B("RequireHibernateSupport", "requireHibernateSupport"),
    M("NetworkInterfaceCount", "networkInterfaceCount",
    "NetworkInterfaceCount", STRUCT, STRING,
        drsw_ec2_NetworkInterfaceCount), S("LocalStorage", "localStorage"),
    M("LocalStorageTypes", "localStorageTypeSet", "LocalStorageType", LIST,
        STRING, NULL),
    M("TotalLocalStorageGB", "totalLocalStorageGB", "TotalLocalStorageGB",
        STRUCT, STRING, drsw_ec2_TotalLocalStorageGB),
    M("BaselineEbsBandwidthMbps", "baselineEbsBandwidthMbps",
    "BaselineEbsBandwidthMbps", STRUCT, STRING,
        drsw_ec2_BaselineEbsBandwidthMbps),
    M("AcceleratorTypes", "acceleratorTypeSet", "AcceleratorType", LIST,
        STRING, NULL),
    M("AcceleratorCount", "acceleratorCount", "AcceleratorCount", STRUCT,
        STRING, drsw_ec2_AcceleratorCount),
    M("AcceleratorManufacturers", "acceleratorManufacturerSet",
        "AcceleratorManufacturer", LIST, STRING, NULL),
    M("AcceleratorNames", "acceleratorNameSet", "AcceleratorName", LIST,
        STRING, NULL),
    M("AcceleratorTotalMemoryMiB", "acceleratorTotalMemoryMiB",
    "AcceleratorTotalMemoryMiB", STRUCT, STRING,
        drsw_ec2_AcceleratorTotalMemoryMiB),
    M("NetworkBandwidthGbps", "networkBandwidthGbps", "NetworkBandwidthGbps",
        STRUCT, STRING, drsw_ec2_NetworkBandwidthGbps),
    M("AllowedInstanceTypes", "allowedInstanceTypeSet", "AllowedInstanceType",
        LIST, STRING, NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplatePrivateDnsNameOptions[] = {
    S("HostnameType", "hostnameType"),
    B("EnableResourceNameDnsARecord", "enableResourceNameDnsARecord"),
    B("EnableResourceNameDnsAAAARecord", "enableResourceNameDnsAAAARecord"),
    DRSW_END
};


static const drsw_member_t
    drsw_ec2_LaunchTemplateInstanceMaintenanceOptions[] = {
    S("AutoRecovery", "autoRecovery"), DRSW_END
};


static const drsw_member_t  drsw_ec2_ResponseLaunchTemplateData[] = {
    S("KernelId", "kernelId"), B("EbsOptimized", "ebsOptimized"),
    M("IamInstanceProfile", "iamInstanceProfile", "IamInstanceProfile",
        STRUCT, STRING, drsw_ec2_LaunchTemplateIamInstanceProfileSpecification),
    M("BlockDeviceMappings", "blockDeviceMappingSet", "BlockDeviceMapping",
        LIST, STRUCT, drsw_ec2_LaunchTemplateBlockDeviceMapping),
    M("NetworkInterfaces", "networkInterfaceSet", "NetworkInterface", LIST,
        STRUCT, drsw_ec2_LaunchTemplateInstanceNetworkInterfaceSpecification),
    S("ImageId", "imageId"), S("InstanceType", "instanceType"),
    S("KeyName", "keyName"),
    M("Monitoring", "monitoring", "Monitoring", STRUCT, STRING,
        drsw_ec2_LaunchTemplatesMonitoring),
    M("Placement", "placement", "Placement", STRUCT, STRING,
        drsw_ec2_LaunchTemplatePlacement), S("RamDiskId", "ramDiskId"),
    B("DisableApiTermination", "disableApiTermination"),
    S("InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior"),
    S("UserData", "userData"),
    M("TagSpecifications", "tagSpecificationSet", "TagSpecification", LIST,
        STRUCT, drsw_ec2_LaunchTemplateTagSpecification),
    M("ElasticGpuSpecifications", "elasticGpuSpecificationSet",
    "ElasticGpuSpecification", LIST, STRUCT,
        drsw_ec2_ElasticGpuSpecificationResponse),
    M("ElasticInferenceAccelerators", "elasticInferenceAcceleratorSet",
    "ElasticInferenceAccelerator", LIST, STRUCT,
        drsw_ec2_LaunchTemplateElasticInferenceAcceleratorResponse),
    M("SecurityGroupIds", "securityGroupIdSet", "SecurityGroupId", LIST,
        STRING, NULL),
    M("SecurityGroups", "securityGroupSet", "SecurityGroup", LIST, STRING,
        NULL),
    M("InstanceMarketOptions", "instanceMarketOptions",
    "InstanceMarketOptions", STRUCT, STRING,
        drsw_ec2_LaunchTemplateInstanceMarketOptions),
    M("CreditSpecification", "creditSpecification", "CreditSpecification",
        STRUCT, STRING, drsw_ec2_CreditSpecification),
    M("CpuOptions", "cpuOptions", "CpuOptions", STRUCT, STRING,
        drsw_ec2_LaunchTemplateCpuOptions),
    M("CapacityReservationSpecification", "capacityReservationSpecification",
    "CapacityReservationSpecification", STRUCT, STRING,
        drsw_ec2_LaunchTemplateCapacityReservationSpecificationResponse),
    M("LicenseSpecifications", "licenseSet", "LicenseSpecification", LIST,
        STRUCT, drsw_ec2_LaunchTemplateLicenseConfiguration),
    M("HibernationOptions", "hibernationOptions", "HibernationOptions",
        STRUCT, STRING, drsw_ec2_LaunchTemplateHibernationOptions),
    M("MetadataOptions", "metadataOptions", "MetadataOptions", STRUCT, STRING,
        drsw_ec2_LaunchTemplateInstanceMetadataOptions),
    M("EnclaveOptions", "enclaveOptions", "EnclaveOptions", STRUCT, STRING,
        drsw_ec2_LaunchTemplateEnclaveOptions),
    M("InstanceRequirements", "instanceRequirements", "InstanceRequirements",
        STRUCT, STRING, drsw_ec2_InstanceRequirements),
    M("PrivateDnsNameOptions", "privateDnsNameOptions",
    "PrivateDnsNameOptions", STRUCT, STRING,
        drsw_ec2_LaunchTemplatePrivateDnsNameOptions),
    M("MaintenanceOptions", "maintenanceOptions", "MaintenanceOptions",
        STRUCT, STRING, drsw_ec2_LaunchTemplateInstanceMaintenanceOptions),
    B("DisableApiStop", "disableApiStop"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Filter[] = {
    S("Name", NULL), M("Values", NULL, "Value", LIST, STRING, NULL), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeLaunchTemplates_in[] = {
    B("DryRun", NULL),
    M("LaunchTemplateIds", NULL, "LaunchTemplateId", LIST, STRING, NULL),
    M("LaunchTemplateNames", NULL, "LaunchTemplateName", LIST, STRING, NULL),
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    S("NextToken", NULL), I("MaxResults", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_TagRequest[] = {
    S("Key", "key"), S("Value", "value"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplate[] = {
    S("LaunchTemplateId", "launchTemplateId"),
    S("LaunchTemplateName", "launchTemplateName"),
    S("CreateTime", "createTime"), S("CreatedBy", "createdBy"),
    I("DefaultVersionNumber", "defaultVersionNumber"),
    I("LatestVersionNumber", "latestVersionNumber"),
    M("Tags", "tagSet", NULL, LIST, STRUCT, drsw_ec2_TagRequest), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeLaunchTemplates_out[] = {
    M("LaunchTemplates", "launchTemplates", NULL, LIST, STRUCT,
        drsw_ec2_LaunchTemplate), S("NextToken", "nextToken"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeLaunchTemplateVersions_in[] = {
    B("DryRun", NULL), S("LaunchTemplateId", NULL),
    S("LaunchTemplateName", NULL),
    M("Versions", NULL, "LaunchTemplateVersion", LIST, STRING, NULL),
    S("MinVersion", NULL), S("MaxVersion", NULL), S("NextToken", NULL),
    I("MaxResults", NULL),
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter), DRSW_END
};


static const drsw_member_t  drsw_ec2_LaunchTemplateVersion[] = {
    S("LaunchTemplateId", "launchTemplateId"),
    S("LaunchTemplateName", "launchTemplateName"),
    I("VersionNumber", "versionNumber"),
    S("VersionDescription", "versionDescription"),
    S("CreateTime", "createTime"), S("CreatedBy", "createdBy"),
    B("DefaultVersion", "defaultVersion"),
    M("LaunchTemplateData", "launchTemplateData", NULL, STRUCT, STRING,
        drsw_ec2_ResponseLaunchTemplateData), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeLaunchTemplateVersions_out[] = {
    M("LaunchTemplateVersions", "launchTemplateVersionSet", NULL, LIST,
        STRUCT, drsw_ec2_LaunchTemplateVersion), S("NextToken", "nextToken"),
    DRSW_END
};


const drsw_member_t  drsw_ec2_CreateLaunchTemplateVersion_in[] = {
    B("DryRun", NULL), S("ClientToken", NULL), S("LaunchTemplateId", NULL),
    S("LaunchTemplateName", NULL), S("SourceVersion", NULL),
    S("VersionDescription", NULL),
    M("LaunchTemplateData", NULL, "LaunchTemplateData", STRUCT, STRING,
        drsw_ec2_ResponseLaunchTemplateData), DRSW_END
};


static const drsw_member_t  drsw_ec2_ValidationError[] = {
    S("Code", "code"), S("Message", "message"), DRSW_END
};


static const drsw_member_t  drsw_ec2_ValidationWarning[] = {
    M("Errors", "errorSet", NULL, LIST, STRUCT, drsw_ec2_ValidationError),
    DRSW_END
};


const drsw_member_t  drsw_ec2_CreateLaunchTemplateVersion_out[] = {
    M("LaunchTemplateVersion", "launchTemplateVersion", NULL, STRUCT, STRING,
        drsw_ec2_LaunchTemplateVersion),
    M("Warning", "warning", NULL, STRUCT, STRING, drsw_ec2_ValidationWarning),
    DRSW_END
};


const drsw_member_t  drsw_ec2_ModifyLaunchTemplate_in[] = {
    B("DryRun", NULL), S("ClientToken", NULL), S("LaunchTemplateId", NULL),
    S("LaunchTemplateName", NULL),
    M("DefaultVersion", NULL, "SetDefaultVersion", STRING, STRING, NULL),
    DRSW_END
};


const drsw_member_t  drsw_ec2_ModifyLaunchTemplate_out[] = {
    M("LaunchTemplate", "launchTemplate", NULL, STRUCT, STRING,
        drsw_ec2_LaunchTemplate), DRSW_END
};


const drsw_member_t  drsw_ec2_DeleteLaunchTemplateVersions_in[] = {
    B("DryRun", NULL), S("LaunchTemplateId", NULL),
    S("LaunchTemplateName", NULL),
    M("Versions", NULL, "LaunchTemplateVersion", LIST, STRING, NULL), DRSW_END
};


static const drsw_member_t
    drsw_ec2_DeleteLaunchTemplateVersionsResponseSuccessItem[] = {
    S("LaunchTemplateId", "launchTemplateId"),
    S("LaunchTemplateName", "launchTemplateName"),
    I("VersionNumber", "versionNumber"), DRSW_END
};


static const drsw_member_t  drsw_ec2_ResponseError[] = {
    S("Code", "code"), S("Message", "message"), DRSW_END
};


static const drsw_member_t
    drsw_ec2_DeleteLaunchTemplateVersionsResponseErrorItem[] = {
    S("LaunchTemplateId", "launchTemplateId"),
    S("LaunchTemplateName", "launchTemplateName"),
    I("VersionNumber", "versionNumber"),
    M("ResponseError", "responseError", NULL, STRUCT, STRING,
        drsw_ec2_ResponseError), DRSW_END
};


const drsw_member_t  drsw_ec2_DeleteLaunchTemplateVersions_out[] = {
    M("SuccessfullyDeletedLaunchTemplateVersions",
    "successfullyDeletedLaunchTemplateVersionSet", NULL, LIST, STRUCT,
        drsw_ec2_DeleteLaunchTemplateVersionsResponseSuccessItem),
    M("UnsuccessfullyDeletedLaunchTemplateVersions",
    "unsuccessfullyDeletedLaunchTemplateVersionSet", NULL, LIST, STRUCT,
        drsw_ec2_DeleteLaunchTemplateVersionsResponseErrorItem), DRSW_END
};
