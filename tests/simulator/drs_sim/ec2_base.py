"""What the operations of EC2 share."""
from .errors import AwsError


def tag_list(tags):
    return [{"Key": k, "Value": v} for k, v in tags.items()]


def find_template(ctx):
    """The launch template that a call names by id or by name."""
    name = ctx.params.get("LaunchTemplateName")
    ident = ctx.params.get("LaunchTemplateId")
    if (name is None) == (ident is None):
        raise AwsError("MissingParameter", "You must specify either "
                       "LaunchTemplateId or LaunchTemplateName", 400)
    for template in ([ctx.region.templates.get(ident)] if ident
                     else ctx.region.templates.values()):
        if template is not None and name in (None, template.name):
            return template
    raise AwsError("InvalidLaunchTemplateId.NotFound" if ident else
                   "InvalidLaunchTemplateName.NotFoundException",
                   f"The specified launch template, with template ID "
                   f"{ident or name}, does not exist.", 400)


def version_document(ctx, template, number):
    version = template.versions[number]
    return {
        "LaunchTemplateId": template.id, "LaunchTemplateName": template.name,
        "VersionNumber": number, "VersionDescription":
        version["description"], "CreateTime": version["created"],
        "CreatedBy": version["by"],
        "DefaultVersion": number == template.default,
        "LaunchTemplateData": version["data"]}
