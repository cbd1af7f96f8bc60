import { createTransport, type Transporter } from 'nodemailer';
import type { Options } from 'nodemailer/lib/smtp-pool';
import { rotatingProvider } from 'nestjs-hcp-vault';

/** Injected as `Rotating<Transporter>`. The secret: { "host", "port", "auth": { "user", "pass" } }. */
export const mailProvider = rotatingProvider<Transporter, 'SMTP'>({
  provide: 'MAIL',
  secret: 'SMTP',
  create: (secret) => createTransport({ ...(secret as Options), pool: true }),
  validate: (transport) => transport.verify(),
  dispose: (transport) => transport.close(),
  rejects: (error) => (error as { code?: unknown }).code === 'EAUTH',
});
