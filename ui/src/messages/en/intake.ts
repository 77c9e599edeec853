/** The panel in a portal’s request form. */
export const intake = {
  title: 'Access to an AI tool',
  ask: 'This request is for access to an AI tool',
  askHelp: 'Tick this to say which tool, what for and for how long. Leave it alone when your request is about something else.',
  form: 'Request for access to an AI tool',
  tool: 'Which tool?',
  toolHelp: 'Tools that your organization lets people use.',
  choose: 'Choose a tool',
  noTools: 'No tool can be requested at present',
  noToolsHint: 'Send the request without this, and say in it which tool you need.',
  signIn: 'Sign in to ask for access to an AI tool',
  signInHint: 'Access is given to a person, so the portal has to know who you are. Sign in to the portal, then open this form again.',
  incomplete: 'Fill in everything above; then the request can be sent.',
  saving: 'Keeping what you filled in…',
  ready: 'Ready. Send the request with the portal’s own button.',
  until: (when: string) => `What you filled in is kept until ${when}.`,
};
