import { rmSync } from 'node:fs';

export default function clean() {
  rmSync(process.env.PACKED_FOLDER, { recursive: true, force: true });
}
