// The fake camera of all tests.

/** Below 320x240 and above 20/s nothing is gained; encoders never scale a picture this small. */
export const CAMERA = { width: 320, height: 240, frameRate: 20 };

/** Where Debian puts the browsers. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
