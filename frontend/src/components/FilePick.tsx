import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import { useState } from 'react';
import { t } from '../i18n/t';

/** One file of the user's, read as text; null when it was taken away. */
export function FilePick({
  accept, hint, maxBytes, problem = null, read, refuse,
}: {
  accept: string;
  hint: string;
  maxBytes: number;
  problem?: string | null;
  read: (text: string | null) => void;
  /** The file is larger than `maxBytes`, and was not read. */
  refuse: () => void;
}) {
  const [files, setFiles] = useState<File[]>([]);
  async function choose(chosen: File[]) {
    const [file] = chosen;
    setFiles(chosen);
    if (file !== undefined && file.size > maxBytes) {
      refuse();
    } else {
      read(file === undefined ? null : await file.text());
    }
  }
  return (
    <FormField label={t('transfer.file')} errorText={problem}>
      <FileUpload
        value={files}
        accept={accept}
        showFileSize
        constraintText={hint}
        onChange={({ detail }) => void choose(detail.value)}
        i18nStrings={{
          uploadButtonText: () => t('transfer.choose'),
          dropzoneText: () => t('transfer.drop'),
          removeFileAriaLabel: () => t('remove'),
          limitShowFewer: t('less'),
          limitShowMore: t('more'),
          errorIconAriaLabel: t('failed'),
        }}
      />
    </FormField>
  );
}
