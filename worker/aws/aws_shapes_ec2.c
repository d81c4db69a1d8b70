
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


static const drsw_member_t  drsw_ec2_Filter[] = {
    S("Name", NULL), M("Values", NULL, "Value", LIST, STRING, NULL), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeInstances_in[] = {
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    M("InstanceIds", NULL, "InstanceId", LIST, STRING, NULL), B("DryRun", NULL),
    I("MaxResults", NULL), S("NextToken", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_GroupIdentifier[] = {
    S("GroupName", "groupName"), S("GroupId", "groupId"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Monitoring[] = {
    S("State", "state"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Placement[] = {
    S("AvailabilityZone", "availabilityZone"), S("Affinity", "affinity"),
    S("GroupName", "groupName"), I("PartitionNumber", "partitionNumber"),
    S("HostId", "hostId"), S("Tenancy", "tenancy"),
    S("SpreadDomain", "spreadDomain"),
    S("HostResourceGroupArn", "hostResourceGroupArn"), S("GroupId", "groupId"),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_ProductCode[] = {
    S("ProductCodeId", "productCode"), S("ProductCodeType", "type"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceState[] = {
    I("Code", "code"), S("Name", "name"), DRSW_END
};


static const drsw_member_t  drsw_ec2_EbsInstanceBlockDevice[] = {
    S("AttachTime", "attachTime"),
    B("DeleteOnTermination", "deleteOnTermination"), S("Status", "status"),
    S("VolumeId", "volumeId"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceBlockDeviceMapping[] = {
    S("DeviceName", "deviceName"),
    M("Ebs", "ebs", NULL, STRUCT, STRING, drsw_ec2_EbsInstanceBlockDevice),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_IamInstanceProfile[] = {
    S("Arn", "arn"), S("Id", "id"), DRSW_END
};


static const drsw_member_t  drsw_ec2_ElasticGpuAssociation[] = {
    S("ElasticGpuId", "elasticGpuId"),
    S("ElasticGpuAssociationId", "elasticGpuAssociationId"),
    S("ElasticGpuAssociationState", "elasticGpuAssociationState"),
    S("ElasticGpuAssociationTime", "elasticGpuAssociationTime"), DRSW_END
};


static const drsw_member_t
    drsw_ec2_ElasticInferenceAcceleratorAssociation[] = {
    S("ElasticInferenceAcceleratorArn", "elasticInferenceAcceleratorArn"),
    S("ElasticInferenceAcceleratorAssociationId",
        "elasticInferenceAcceleratorAssociationId"),
    S("ElasticInferenceAcceleratorAssociationState",
        "elasticInferenceAcceleratorAssociationState"),
    S("ElasticInferenceAcceleratorAssociationTime",
        "elasticInferenceAcceleratorAssociationTime"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceNetworkInterfaceAssociation[] = {
    S("CarrierIp", "carrierIp"), S("CustomerOwnedIp", "customerOwnedIp"),
    S("IpOwnerId", "ipOwnerId"), S("PublicDnsName", "publicDnsName"),
    S("PublicIp", "publicIp"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceNetworkInterfaceAttachment[] = {
    S("AttachTime", "attachTime"), S("AttachmentId", "attachmentId"),
    B("DeleteOnTermination", "deleteOnTermination"),
    I("DeviceIndex", "deviceIndex"), S("Status", "status"),
    I("NetworkCardIndex", "networkCardIndex"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceIpv6Address[] = {
    S("Ipv6Address", "ipv6Address"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstancePrivateIpAddress[] = {
    M("Association", "association", NULL, STRUCT, STRING,
        drsw_ec2_InstanceNetworkInterfaceAssociation), B("Primary", "primary"),
    S("PrivateDnsName", "privateDnsName"),
    S("PrivateIpAddress", "privateIpAddress"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceIpv4Prefix[] = {
    S("Ipv4Prefix", "ipv4Prefix"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceIpv6Prefix[] = {
    S("Ipv6Prefix", "ipv6Prefix"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceNetworkInterface[] = {
    M("Association", "association", NULL, STRUCT, STRING,
        drsw_ec2_InstanceNetworkInterfaceAssociation),
    M("Attachment", "attachment", NULL, STRUCT, STRING,
        drsw_ec2_InstanceNetworkInterfaceAttachment),
    S("Description", "description"),
    M("Groups", "groupSet", NULL, LIST, STRUCT, drsw_ec2_GroupIdentifier),
    M("Ipv6Addresses", "ipv6AddressesSet", NULL, LIST, STRUCT,
        drsw_ec2_InstanceIpv6Address), S("MacAddress", "macAddress"),
    S("NetworkInterfaceId", "networkInterfaceId"), S("OwnerId", "ownerId"),
    S("PrivateDnsName", "privateDnsName"),
    S("PrivateIpAddress", "privateIpAddress"),
    M("PrivateIpAddresses", "privateIpAddressesSet", NULL, LIST, STRUCT,
        drsw_ec2_InstancePrivateIpAddress),
    B("SourceDestCheck", "sourceDestCheck"), S("Status", "status"),
    S("SubnetId", "subnetId"), S("VpcId", "vpcId"),
    S("InterfaceType", "interfaceType"),
    M("Ipv4Prefixes", "ipv4PrefixSet", NULL, LIST, STRUCT,
        drsw_ec2_InstanceIpv4Prefix),
    M("Ipv6Prefixes", "ipv6PrefixSet", NULL, LIST, STRUCT,
        drsw_ec2_InstanceIpv6Prefix), DRSW_END
};


static const drsw_member_t  drsw_ec2_StateReason[] = {
    S("Code", "code"), S("Message", "message"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Tag[] = {
    S("Key", "key"), S("Value", "value"), DRSW_END
};


static const drsw_member_t  drsw_ec2_CpuOptions[] = {
    I("CoreCount", "coreCount"), I("ThreadsPerCore", "threadsPerCore"), DRSW_END
};


static const drsw_member_t  drsw_ec2_CapacityReservationTargetResponse[] = {
    S("CapacityReservationId", "capacityReservationId"),
    S("CapacityReservationResourceGroupArn",
        "capacityReservationResourceGroupArn"), DRSW_END
};


static const drsw_member_t
    drsw_ec2_CapacityReservationSpecificationResponse[] = {
    S("CapacityReservationPreference", "capacityReservationPreference"),
    M("CapacityReservationTarget", "capacityReservationTarget", NULL, STRUCT,
        STRING, drsw_ec2_CapacityReservationTargetResponse), DRSW_END
};


static const drsw_member_t  drsw_ec2_HibernationOptions[] = {
    B("Configured", "configured"), DRSW_END
};


static const drsw_member_t  drsw_ec2_LicenseConfiguration[] = {
    S("LicenseConfigurationArn", "licenseConfigurationArn"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceMetadataOptionsResponse[] = {
    S("State", "state"), S("HttpTokens", "httpTokens"),
    I("HttpPutResponseHopLimit", "httpPutResponseHopLimit"),
    S("HttpEndpoint", "httpEndpoint"),
    S("HttpProtocolIpv6", "httpProtocolIpv6"),
    S("InstanceMetadataTags", "instanceMetadataTags"), DRSW_END
};


static const drsw_member_t  drsw_ec2_EnclaveOptions[] = {
    B("Enabled", "enabled"), DRSW_END
};


static const drsw_member_t  drsw_ec2_PrivateDnsNameOptionsResponse[] = {
    S("HostnameType", "hostnameType"),
    B("EnableResourceNameDnsARecord", "enableResourceNameDnsARecord"),
    B("EnableResourceNameDnsAAAARecord", "enableResourceNameDnsAAAARecord"),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceMaintenanceOptions[] = {
    S("AutoRecovery", "autoRecovery"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Instance[] = {
    I("AmiLaunchIndex", "amiLaunchIndex"), S("ImageId", "imageId"),
    S("InstanceId", "instanceId"), S("InstanceType", "instanceType"),
    S("KernelId", "kernelId"), S("KeyName", "keyName"),
    S("LaunchTime", "launchTime"),
    M("Monitoring", "monitoring", NULL, STRUCT, STRING, drsw_ec2_Monitoring),
    M("Placement", "placement", NULL, STRUCT, STRING, drsw_ec2_Placement),
    S("Platform", "platform"), S("PrivateDnsName", "privateDnsName"),
    S("PrivateIpAddress", "privateIpAddress"),
    M("ProductCodes", "productCodes", NULL, LIST, STRUCT, drsw_ec2_ProductCode),
    S("PublicDnsName", "dnsName"), S("PublicIpAddress", "ipAddress"),
    S("RamdiskId", "ramdiskId"),
    M("State", "instanceState", NULL, STRUCT, STRING, drsw_ec2_InstanceState),
    S("StateTransitionReason", "reason"), S("SubnetId", "subnetId"),
    S("VpcId", "vpcId"), S("Architecture", "architecture"),
    M("BlockDeviceMappings", "blockDeviceMapping", NULL, LIST, STRUCT,
        drsw_ec2_InstanceBlockDeviceMapping), S("ClientToken", "clientToken"),
    B("EbsOptimized", "ebsOptimized"), B("EnaSupport", "enaSupport"),
    S("Hypervisor", "hypervisor"),
    M("IamInstanceProfile", "iamInstanceProfile", NULL, STRUCT, STRING,
        drsw_ec2_IamInstanceProfile),
    S("InstanceLifecycle", "instanceLifecycle"),
    M("ElasticGpuAssociations", "elasticGpuAssociationSet", NULL, LIST,
        STRUCT, drsw_ec2_ElasticGpuAssociation),
    M("ElasticInferenceAcceleratorAssociations",
    "elasticInferenceAcceleratorAssociationSet", NULL, LIST, STRUCT,
        drsw_ec2_ElasticInferenceAcceleratorAssociation),
    M("NetworkInterfaces", "networkInterfaceSet", NULL, LIST, STRUCT,
        drsw_ec2_InstanceNetworkInterface), S("OutpostArn", "outpostArn"),
    S("RootDeviceName", "rootDeviceName"),
    S("RootDeviceType", "rootDeviceType"),
    M("SecurityGroups", "groupSet", NULL, LIST, STRUCT,
        drsw_ec2_GroupIdentifier), B("SourceDestCheck", "sourceDestCheck"),
    S("SpotInstanceRequestId", "spotInstanceRequestId"),
    S("SriovNetSupport", "sriovNetSupport"),
    M("StateReason", "stateReason", NULL, STRUCT, STRING, drsw_ec2_StateReason),
    M("Tags", "tagSet", NULL, LIST, STRUCT, drsw_ec2_Tag),
    S("VirtualizationType", "virtualizationType"),
    M("CpuOptions", "cpuOptions", NULL, STRUCT, STRING, drsw_ec2_CpuOptions),
    S("CapacityReservationId", "capacityReservationId"),
    M("CapacityReservationSpecification", "capacityReservationSpecification",
    NULL, STRUCT, STRING,
        drsw_ec2_CapacityReservationSpecificationResponse),
    M("HibernationOptions", "hibernationOptions", NULL, STRUCT, STRING,
        drsw_ec2_HibernationOptions),
    M("Licenses", "licenseSet", NULL, LIST, STRUCT,
        drsw_ec2_LicenseConfiguration),
    M("MetadataOptions", "metadataOptions", NULL, STRUCT, STRING,
        drsw_ec2_InstanceMetadataOptionsResponse),
    M("EnclaveOptions", "enclaveOptions", NULL, STRUCT, STRING,
        drsw_ec2_EnclaveOptions), S("BootMode", "bootMode"),
    S("PlatformDetails", "platformDetails"),
    S("UsageOperation", "usageOperation"),
    S("UsageOperationUpdateTime", "usageOperationUpdateTime"),
    M("PrivateDnsNameOptions", "privateDnsNameOptions", NULL, STRUCT, STRING,
        drsw_ec2_PrivateDnsNameOptionsResponse),
    S("Ipv6Address", "ipv6Address"), S("TpmSupport", "tpmSupport"),
    M("MaintenanceOptions", "maintenanceOptions", NULL, STRUCT, STRING,
        drsw_ec2_InstanceMaintenanceOptions), DRSW_END
};


static const drsw_member_t  drsw_ec2_Reservation[] = {
    M("Groups", "groupSet", NULL, LIST, STRUCT, drsw_ec2_GroupIdentifier),
    M("Instances", "instancesSet", NULL, LIST, STRUCT, drsw_ec2_Instance),
    S("OwnerId", "ownerId"), S("RequesterId", "requesterId"),
    S("ReservationId", "reservationId"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeInstances_out[] = {
    M("Reservations", "reservationSet", NULL, LIST, STRUCT,
        drsw_ec2_Reservation), S("NextToken", "nextToken"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeSubnets_in[] = {
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    M("SubnetIds", NULL, "SubnetId", LIST, STRING, NULL), B("DryRun", NULL),
    S("NextToken", NULL), I("MaxResults", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_SubnetCidrBlockState[] = {
    S("State", "state"), S("StatusMessage", "statusMessage"), DRSW_END
};


static const drsw_member_t  drsw_ec2_SubnetIpv6CidrBlockAssociation[] = {
    S("AssociationId", "associationId"), S("Ipv6CidrBlock", "ipv6CidrBlock"),
    M("Ipv6CidrBlockState", "ipv6CidrBlockState", NULL, STRUCT, STRING,
        drsw_ec2_SubnetCidrBlockState), DRSW_END
};


static const drsw_member_t  drsw_ec2_PrivateDnsNameOptionsOnLaunch[] = {
    S("HostnameType", "hostnameType"),
    B("EnableResourceNameDnsARecord", "enableResourceNameDnsARecord"),
    B("EnableResourceNameDnsAAAARecord", "enableResourceNameDnsAAAARecord"),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_Subnet[] = {
    S("AvailabilityZone", "availabilityZone"),
    S("AvailabilityZoneId", "availabilityZoneId"),
    I("AvailableIpAddressCount", "availableIpAddressCount"),
    S("CidrBlock", "cidrBlock"), B("DefaultForAz", "defaultForAz"),
    I("EnableLniAtDeviceIndex", "enableLniAtDeviceIndex"),
    B("MapPublicIpOnLaunch", "mapPublicIpOnLaunch"),
    B("MapCustomerOwnedIpOnLaunch", "mapCustomerOwnedIpOnLaunch"),
    S("CustomerOwnedIpv4Pool", "customerOwnedIpv4Pool"), S("State", "state"),
    S("SubnetId", "subnetId"), S("VpcId", "vpcId"), S("OwnerId", "ownerId"),
    B("AssignIpv6AddressOnCreation", "assignIpv6AddressOnCreation"),
    M("Ipv6CidrBlockAssociationSet", "ipv6CidrBlockAssociationSet", NULL,
        LIST, STRUCT, drsw_ec2_SubnetIpv6CidrBlockAssociation),
    M("Tags", "tagSet", NULL, LIST, STRUCT, drsw_ec2_Tag),
    S("SubnetArn", "subnetArn"), S("OutpostArn", "outpostArn"),
    B("EnableDns64", "enableDns64"), B("Ipv6Native", "ipv6Native"),
    M("PrivateDnsNameOptionsOnLaunch", "privateDnsNameOptionsOnLaunch", NULL,
        STRUCT, STRING, drsw_ec2_PrivateDnsNameOptionsOnLaunch), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeSubnets_out[] = {
    M("Subnets", "subnetSet", NULL, LIST, STRUCT, drsw_ec2_Subnet),
    S("NextToken", "nextToken"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeSecurityGroups_in[] = {
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    M("GroupIds", NULL, "GroupId", LIST, STRING, NULL),
    M("GroupNames", NULL, "GroupName", LIST, STRING, NULL), B("DryRun", NULL),
    S("NextToken", NULL), I("MaxResults", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_IpRange[] = {
    S("CidrIp", "cidrIp"), S("Description", "description"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Ipv6Range[] = {
    S("CidrIpv6", "cidrIpv6"), S("Description", "description"), DRSW_END
};


static const drsw_member_t  drsw_ec2_PrefixListId[] = {
    S("Description", "description"), S("PrefixListId", "prefixListId"), DRSW_END
};


static const drsw_member_t  drsw_ec2_UserIdGroupPair[] = {
    S("Description", "description"), S("GroupId", "groupId"),
    S("GroupName", "groupName"), S("PeeringStatus", "peeringStatus"),
    S("UserId", "userId"), S("VpcId", "vpcId"),
    S("VpcPeeringConnectionId", "vpcPeeringConnectionId"), DRSW_END
};


static const drsw_member_t  drsw_ec2_IpPermission[] = {
    I("FromPort", "fromPort"), S("IpProtocol", "ipProtocol"),
    M("IpRanges", "ipRanges", NULL, LIST, STRUCT, drsw_ec2_IpRange),
    M("Ipv6Ranges", "ipv6Ranges", NULL, LIST, STRUCT, drsw_ec2_Ipv6Range),
    M("PrefixListIds", "prefixListIds", NULL, LIST, STRUCT,
        drsw_ec2_PrefixListId), I("ToPort", "toPort"),
    M("UserIdGroupPairs", "groups", NULL, LIST, STRUCT,
        drsw_ec2_UserIdGroupPair), DRSW_END
};


static const drsw_member_t  drsw_ec2_SecurityGroup[] = {
    S("Description", "groupDescription"), S("GroupName", "groupName"),
    M("IpPermissions", "ipPermissions", NULL, LIST, STRUCT,
        drsw_ec2_IpPermission), S("OwnerId", "ownerId"),
    S("GroupId", "groupId"),
    M("IpPermissionsEgress", "ipPermissionsEgress", NULL, LIST, STRUCT,
        drsw_ec2_IpPermission),
    M("Tags", "tagSet", NULL, LIST, STRUCT, drsw_ec2_Tag), S("VpcId", "vpcId"),
    DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeSecurityGroups_out[] = {
    M("SecurityGroups", "securityGroupInfo", NULL, LIST, STRUCT,
        drsw_ec2_SecurityGroup), S("NextToken", "nextToken"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeVpcs_in[] = {
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    M("VpcIds", NULL, "VpcId", LIST, STRING, NULL), B("DryRun", NULL),
    S("NextToken", NULL), I("MaxResults", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_VpcCidrBlockState[] = {
    S("State", "state"), S("StatusMessage", "statusMessage"), DRSW_END
};


static const drsw_member_t  drsw_ec2_VpcIpv6CidrBlockAssociation[] = {
    S("AssociationId", "associationId"), S("Ipv6CidrBlock", "ipv6CidrBlock"),
    M("Ipv6CidrBlockState", "ipv6CidrBlockState", NULL, STRUCT, STRING,
        drsw_ec2_VpcCidrBlockState),
    S("NetworkBorderGroup", "networkBorderGroup"), S("Ipv6Pool", "ipv6Pool"),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_VpcCidrBlockAssociation[] = {
    S("AssociationId", "associationId"), S("CidrBlock", "cidrBlock"),
    M("CidrBlockState", "cidrBlockState", NULL, STRUCT, STRING,
        drsw_ec2_VpcCidrBlockState), DRSW_END
};


static const drsw_member_t  drsw_ec2_Vpc[] = {
    S("CidrBlock", "cidrBlock"), S("DhcpOptionsId", "dhcpOptionsId"),
    S("State", "state"), S("VpcId", "vpcId"), S("OwnerId", "ownerId"),
    S("InstanceTenancy", "instanceTenancy"),
    M("Ipv6CidrBlockAssociationSet", "ipv6CidrBlockAssociationSet", NULL,
        LIST, STRUCT, drsw_ec2_VpcIpv6CidrBlockAssociation),
    M("CidrBlockAssociationSet", "cidrBlockAssociationSet", NULL, LIST,
        STRUCT, drsw_ec2_VpcCidrBlockAssociation), B("IsDefault", "isDefault"),
    M("Tags", "tagSet", NULL, LIST, STRUCT, drsw_ec2_Tag), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeVpcs_out[] = {
    M("Vpcs", "vpcSet", NULL, LIST, STRUCT, drsw_ec2_Vpc),
    S("NextToken", "nextToken"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeNetworkInterfaces_in[] = {
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    B("DryRun", NULL),
    M("NetworkInterfaceIds", NULL, "NetworkInterfaceId", LIST, STRING, NULL),
    S("NextToken", NULL), I("MaxResults", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_NetworkInterfaceAssociation[] = {
    S("AllocationId", "allocationId"), S("AssociationId", "associationId"),
    S("IpOwnerId", "ipOwnerId"), S("PublicDnsName", "publicDnsName"),
    S("PublicIp", "publicIp"), S("CustomerOwnedIp", "customerOwnedIp"),
    S("CarrierIp", "carrierIp"), DRSW_END
};


static const drsw_member_t  drsw_ec2_AttachmentEnaSrdUdpSpecification[] = {
    B("EnaSrdUdpEnabled", "enaSrdUdpEnabled"), DRSW_END
};


static const drsw_member_t  drsw_ec2_AttachmentEnaSrdSpecification[] = {
    B("EnaSrdEnabled", "enaSrdEnabled"),
    M("EnaSrdUdpSpecification", "enaSrdUdpSpecification", NULL, STRUCT,
        STRING, drsw_ec2_AttachmentEnaSrdUdpSpecification), DRSW_END
};


static const drsw_member_t  drsw_ec2_NetworkInterfaceAttachment[] = {
    S("AttachTime", "attachTime"), S("AttachmentId", "attachmentId"),
    B("DeleteOnTermination", "deleteOnTermination"),
    I("DeviceIndex", "deviceIndex"), I("NetworkCardIndex", "networkCardIndex"),
    S("InstanceId", "instanceId"), S("InstanceOwnerId", "instanceOwnerId"),
    S("Status", "status"),
    M("EnaSrdSpecification", "enaSrdSpecification", NULL, STRUCT, STRING,
        drsw_ec2_AttachmentEnaSrdSpecification), DRSW_END
};


static const drsw_member_t  drsw_ec2_NetworkInterfaceIpv6Address[] = {
    S("Ipv6Address", "ipv6Address"), DRSW_END
};


static const drsw_member_t  drsw_ec2_NetworkInterfacePrivateIpAddress[] = {
    M("Association", "association", NULL, STRUCT, STRING,
        drsw_ec2_NetworkInterfaceAssociation), B("Primary", "primary"),
    S("PrivateDnsName", "privateDnsName"),
    S("PrivateIpAddress", "privateIpAddress"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Ipv4PrefixSpecification[] = {
    S("Ipv4Prefix", "ipv4Prefix"), DRSW_END
};


static const drsw_member_t  drsw_ec2_Ipv6PrefixSpecification[] = {
    S("Ipv6Prefix", "ipv6Prefix"), DRSW_END
};


static const drsw_member_t  drsw_ec2_NetworkInterface[] = {
    M("Association", "association", NULL, STRUCT, STRING,
        drsw_ec2_NetworkInterfaceAssociation),
    M("Attachment", "attachment", NULL, STRUCT, STRING,
        drsw_ec2_NetworkInterfaceAttachment),
    S("AvailabilityZone", "availabilityZone"), S("Description", "description"),
    M("Groups", "groupSet", NULL, LIST, STRUCT, drsw_ec2_GroupIdentifier),
    S("InterfaceType", "interfaceType"),
    M("Ipv6Addresses", "ipv6AddressesSet", NULL, LIST, STRUCT,
        drsw_ec2_NetworkInterfaceIpv6Address), S("MacAddress", "macAddress"),
    S("NetworkInterfaceId", "networkInterfaceId"),
    S("OutpostArn", "outpostArn"), S("OwnerId", "ownerId"),
    S("PrivateDnsName", "privateDnsName"),
    S("PrivateIpAddress", "privateIpAddress"),
    M("PrivateIpAddresses", "privateIpAddressesSet", NULL, LIST, STRUCT,
        drsw_ec2_NetworkInterfacePrivateIpAddress),
    M("Ipv4Prefixes", "ipv4PrefixSet", NULL, LIST, STRUCT,
        drsw_ec2_Ipv4PrefixSpecification),
    M("Ipv6Prefixes", "ipv6PrefixSet", NULL, LIST, STRUCT,
        drsw_ec2_Ipv6PrefixSpecification), S("RequesterId", "requesterId"),
    B("RequesterManaged", "requesterManaged"),
    B("SourceDestCheck", "sourceDestCheck"), S("Status", "status"),
    S("SubnetId", "subnetId"),
    M("TagSet", "tagSet", NULL, LIST, STRUCT, drsw_ec2_Tag),
    S("VpcId", "vpcId"), B("DenyAllIgwTraffic", "denyAllIgwTraffic"),
    B("Ipv6Native", "ipv6Native"), S("Ipv6Address", "ipv6Address"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeNetworkInterfaces_out[] = {
    M("NetworkInterfaces", "networkInterfaceSet", NULL, LIST, STRUCT,
        drsw_ec2_NetworkInterface), S("NextToken", "nextToken"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeInstanceTypes_in[] = {
    B("DryRun", NULL),
    M("InstanceTypes", NULL, "InstanceType", LIST, STRING, NULL),
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    I("MaxResults", NULL), S("NextToken", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_ProcessorInfo[] = {
    M("SupportedArchitectures", "supportedArchitectures", NULL, LIST, STRING,
        NULL), R("SustainedClockSpeedInGhz", "sustainedClockSpeedInGhz"),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_VCpuInfo[] = {
    I("DefaultVCpus", "defaultVCpus"), I("DefaultCores", "defaultCores"),
    I("DefaultThreadsPerCore", "defaultThreadsPerCore"),
    M("ValidCores", "validCores", NULL, LIST, INT, NULL),
    M("ValidThreadsPerCore", "validThreadsPerCore", NULL, LIST, INT, NULL),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_MemoryInfo[] = {
    I("SizeInMiB", "sizeInMiB"), DRSW_END
};


static const drsw_member_t  drsw_ec2_DiskInfo[] = {
    I("SizeInGB", "sizeInGB"), I("Count", "count"), S("Type", "type"), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceStorageInfo[] = {
    I("TotalSizeInGB", "totalSizeInGB"),
    M("Disks", "disks", NULL, LIST, STRUCT, drsw_ec2_DiskInfo),
    S("NvmeSupport", "nvmeSupport"),
    S("EncryptionSupport", "encryptionSupport"), DRSW_END
};


static const drsw_member_t  drsw_ec2_EbsOptimizedInfo[] = {
    I("BaselineBandwidthInMbps", "baselineBandwidthInMbps"),
    R("BaselineThroughputInMBps", "baselineThroughputInMBps"),
    I("BaselineIops", "baselineIops"),
    I("MaximumBandwidthInMbps", "maximumBandwidthInMbps"),
    R("MaximumThroughputInMBps", "maximumThroughputInMBps"),
    I("MaximumIops", "maximumIops"), DRSW_END
};


static const drsw_member_t  drsw_ec2_EbsInfo[] = {
    S("EbsOptimizedSupport", "ebsOptimizedSupport"),
    S("EncryptionSupport", "encryptionSupport"),
    M("EbsOptimizedInfo", "ebsOptimizedInfo", NULL, STRUCT, STRING,
        drsw_ec2_EbsOptimizedInfo), S("NvmeSupport", "nvmeSupport"), DRSW_END
};


static const drsw_member_t  drsw_ec2_NetworkCardInfo[] = {
    I("NetworkCardIndex", "networkCardIndex"),
    S("NetworkPerformance", "networkPerformance"),
    I("MaximumNetworkInterfaces", "maximumNetworkInterfaces"), DRSW_END
};


static const drsw_member_t  drsw_ec2_EfaInfo[] = {
    I("MaximumEfaInterfaces", "maximumEfaInterfaces"), DRSW_END
};


static const drsw_member_t  drsw_ec2_NetworkInfo[] = {
    S("NetworkPerformance", "networkPerformance"),
    I("MaximumNetworkInterfaces", "maximumNetworkInterfaces"),
    I("MaximumNetworkCards", "maximumNetworkCards"),
    I("DefaultNetworkCardIndex", "defaultNetworkCardIndex"),
    M("NetworkCards", "networkCards", NULL, LIST, STRUCT,
        drsw_ec2_NetworkCardInfo),
    I("Ipv4AddressesPerInterface", "ipv4AddressesPerInterface"),
    I("Ipv6AddressesPerInterface", "ipv6AddressesPerInterface"),
    B("Ipv6Supported", "ipv6Supported"), S("EnaSupport", "enaSupport"),
    B("EfaSupported", "efaSupported"),
    M("EfaInfo", "efaInfo", NULL, STRUCT, STRING, drsw_ec2_EfaInfo),
    B("EncryptionInTransitSupported", "encryptionInTransitSupported"),
    B("EnaSrdSupported", "enaSrdSupported"), DRSW_END
};


static const drsw_member_t  drsw_ec2_GpuDeviceMemoryInfo[] = {
    I("SizeInMiB", "sizeInMiB"), DRSW_END
};


static const drsw_member_t  drsw_ec2_GpuDeviceInfo[] = {
    S("Name", "name"), S("Manufacturer", "manufacturer"), I("Count", "count"),
    M("MemoryInfo", "memoryInfo", NULL, STRUCT, STRING,
        drsw_ec2_GpuDeviceMemoryInfo), DRSW_END
};


static const drsw_member_t  drsw_ec2_GpuInfo[] = {
    M("Gpus", "gpus", NULL, LIST, STRUCT, drsw_ec2_GpuDeviceInfo),
    I("TotalGpuMemoryInMiB", "totalGpuMemoryInMiB"), DRSW_END
};


static const drsw_member_t  drsw_ec2_FpgaDeviceMemoryInfo[] = {
    I("SizeInMiB", "sizeInMiB"), DRSW_END
};


static const drsw_member_t  drsw_ec2_FpgaDeviceInfo[] = {
    S("Name", "name"), S("Manufacturer", "manufacturer"), I("Count", "count"),
    M("MemoryInfo", "memoryInfo", NULL, STRUCT, STRING,
        drsw_ec2_FpgaDeviceMemoryInfo), DRSW_END
};


static const drsw_member_t  drsw_ec2_FpgaInfo[] = {
    M("Fpgas", "fpgas", NULL, LIST, STRUCT, drsw_ec2_FpgaDeviceInfo),
    I("TotalFpgaMemoryInMiB", "totalFpgaMemoryInMiB"), DRSW_END
};


static const drsw_member_t  drsw_ec2_PlacementGroupInfo[] = {
    M("SupportedStrategies", "supportedStrategies", NULL, LIST, STRING, NULL),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_InferenceDeviceInfo[] = {
    I("Count", "count"), S("Name", "name"), S("Manufacturer", "manufacturer"),
    DRSW_END
};


static const drsw_member_t  drsw_ec2_InferenceAcceleratorInfo[] = {
    M("Accelerators", "accelerators", NULL, LIST, STRUCT,
        drsw_ec2_InferenceDeviceInfo), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceTypeInfo[] = {
    S("InstanceType", "instanceType"),
    B("CurrentGeneration", "currentGeneration"),
    B("FreeTierEligible", "freeTierEligible"),
    M("SupportedUsageClasses", "supportedUsageClasses", NULL, LIST, STRING,
        NULL),
    M("SupportedRootDeviceTypes", "supportedRootDeviceTypes", NULL, LIST,
        STRING, NULL),
    M("SupportedVirtualizationTypes", "supportedVirtualizationTypes", NULL,
        LIST, STRING, NULL), B("BareMetal", "bareMetal"),
    S("Hypervisor", "hypervisor"),
    M("ProcessorInfo", "processorInfo", NULL, STRUCT, STRING,
        drsw_ec2_ProcessorInfo),
    M("VCpuInfo", "vCpuInfo", NULL, STRUCT, STRING, drsw_ec2_VCpuInfo),
    M("MemoryInfo", "memoryInfo", NULL, STRUCT, STRING, drsw_ec2_MemoryInfo),
    B("InstanceStorageSupported", "instanceStorageSupported"),
    M("InstanceStorageInfo", "instanceStorageInfo", NULL, STRUCT, STRING,
        drsw_ec2_InstanceStorageInfo),
    M("EbsInfo", "ebsInfo", NULL, STRUCT, STRING, drsw_ec2_EbsInfo),
    M("NetworkInfo", "networkInfo", NULL, STRUCT, STRING, drsw_ec2_NetworkInfo),
    M("GpuInfo", "gpuInfo", NULL, STRUCT, STRING, drsw_ec2_GpuInfo),
    M("FpgaInfo", "fpgaInfo", NULL, STRUCT, STRING, drsw_ec2_FpgaInfo),
    M("PlacementGroupInfo", "placementGroupInfo", NULL, STRUCT, STRING,
        drsw_ec2_PlacementGroupInfo),
    M("InferenceAcceleratorInfo", "inferenceAcceleratorInfo", NULL, STRUCT,
        STRING, drsw_ec2_InferenceAcceleratorInfo),
    B("HibernationSupported", "hibernationSupported"),
    B("BurstablePerformanceSupported", "burstablePerformanceSupported"),
    B("DedicatedHostsSupported", "dedicatedHostsSupported"),
    B("AutoRecoverySupported", "autoRecoverySupported"),
    M("SupportedBootModes", "supportedBootModes", NULL, LIST, STRING, NULL),
    DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeInstanceTypes_out[] = {
    M("InstanceTypes", "instanceTypeSet", NULL, LIST, STRUCT,
        drsw_ec2_InstanceTypeInfo), S("NextToken", "nextToken"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeInstanceTypeOfferings_in[] = {
    B("DryRun", NULL), S("LocationType", NULL),
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    I("MaxResults", NULL), S("NextToken", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_InstanceTypeOffering[] = {
    S("InstanceType", "instanceType"), S("LocationType", "locationType"),
    S("Location", "location"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeInstanceTypeOfferings_out[] = {
    M("InstanceTypeOfferings", "instanceTypeOfferingSet", NULL, LIST, STRUCT,
        drsw_ec2_InstanceTypeOffering), S("NextToken", "nextToken"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeKeyPairs_in[] = {
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    M("KeyNames", NULL, "KeyName", LIST, STRING, NULL),
    M("KeyPairIds", NULL, "KeyPairId", LIST, STRING, NULL), B("DryRun", NULL),
    B("IncludePublicKey", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_KeyPairInfo[] = {
    S("KeyPairId", "keyPairId"), S("KeyFingerprint", "keyFingerprint"),
    S("KeyName", "keyName"), S("KeyType", "keyType"),
    M("Tags", "tagSet", NULL, LIST, STRUCT, drsw_ec2_Tag),
    S("PublicKey", "publicKey"), S("CreateTime", "createTime"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeKeyPairs_out[] = {
    M("KeyPairs", "keySet", NULL, LIST, STRUCT, drsw_ec2_KeyPairInfo), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeTags_in[] = {
    B("DryRun", NULL),
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    I("MaxResults", NULL), S("NextToken", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_TagDescription[] = {
    S("Key", "key"), S("ResourceId", "resourceId"),
    S("ResourceType", "resourceType"), S("Value", "value"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeTags_out[] = {
    S("NextToken", "nextToken"),
    M("Tags", "tagSet", NULL, LIST, STRUCT, drsw_ec2_TagDescription), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeRegions_in[] = {
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    M("RegionNames", NULL, "RegionName", LIST, STRING, NULL), B("DryRun", NULL),
    B("AllRegions", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_Region[] = {
    S("Endpoint", "regionEndpoint"), S("RegionName", "regionName"),
    S("OptInStatus", "optInStatus"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeRegions_out[] = {
    M("Regions", "regionInfo", NULL, LIST, STRUCT, drsw_ec2_Region), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeAvailabilityZones_in[] = {
    M("Filters", NULL, "Filter", LIST, STRUCT, drsw_ec2_Filter),
    M("ZoneNames", NULL, "ZoneName", LIST, STRING, NULL),
    M("ZoneIds", NULL, "ZoneId", LIST, STRING, NULL),
    B("AllAvailabilityZones", NULL), B("DryRun", NULL), DRSW_END
};


static const drsw_member_t  drsw_ec2_AvailabilityZoneMessage[] = {
    S("Message", "message"), DRSW_END
};


static const drsw_member_t  drsw_ec2_AvailabilityZone[] = {
    S("State", "zoneState"), S("OptInStatus", "optInStatus"),
    M("Messages", "messageSet", NULL, LIST, STRUCT,
        drsw_ec2_AvailabilityZoneMessage), S("RegionName", "regionName"),
    S("ZoneName", "zoneName"), S("ZoneId", "zoneId"),
    S("GroupName", "groupName"), S("NetworkBorderGroup", "networkBorderGroup"),
    S("ZoneType", "zoneType"), S("ParentZoneName", "parentZoneName"),
    S("ParentZoneId", "parentZoneId"), DRSW_END
};


const drsw_member_t  drsw_ec2_DescribeAvailabilityZones_out[] = {
    M("AvailabilityZones", "availabilityZoneInfo", NULL, LIST, STRUCT,
        drsw_ec2_AvailabilityZone), DRSW_END
};
