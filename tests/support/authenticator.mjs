// Chromium's virtual authenticators (the WebAuthn domain of its DevTools protocol): a fingerprint reader that always sees the right
// finger, a security key that is always touched.

/** Plugs one into a page. Options as in WebAuthn.addVirtualAuthenticator. */
export async function plugIn(page, options = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true, ...options,
    },
  });
  return {
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    add: (credential) => session.send('WebAuthn.addCredential', { authenticatorId, credential }),
    verifies: (isUserVerified) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    present: (enabled) => session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    unplug: () => session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
  };
}

/** A passkey as devices have them: built in, found without a name. */
export const device = {};
/** A security key: plugged in, without a fingerprint reader. */
export const securityKey = { transport: 'usb', hasResidentKey: false, hasUserVerification: false, isUserVerified: false };
