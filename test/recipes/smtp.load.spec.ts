import type { Transporter } from 'nodemailer';
import type { Rotating } from 'nestjs-hcp-vault';
import { smtpSide } from './support/smtp.side.js';
import { mailProvider } from './smtp/mail.provider.js';
import { underRotation } from './support/under-rotation.js';

// The file of docs/recipes/nodemailer.md, as it stands there.
describe('the recipe of nodemailer', () => {
  underRotation({
    recipe: 'nodemailer, a pool',
    page: 'nodemailer.md',
    secret: 'SMTP',
    start: smtpSide,
    app: () => ({ providers: [mailProvider] }),
    work: (app) => () =>
      app
        .get<Rotating<Transporter>>('MAIL')
        .use((mail) => mail.sendMail({ from: 'a@example.org', to: 'b@example.org', subject: 'hello', text: 'hello' })),
  });
});
