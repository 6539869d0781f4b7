// The page under test: hands the client and the library to the tests.

import * as mediasoupClient from 'mediasoup-client';
import { FoundryClient } from './foundry_client.mjs';
import { LabClient } from './lab_client.mjs';

window.libraryVersion = mediasoupClient.version;

/** Makes the one client of this page; see FoundryClient for the options. */
window.startClient = (options) => {
  window.client = new FoundryClient(mediasoupClient, options);
  window.client.connect();
};

/** The same for a participant in the lab. */
window.startLab = async (options) => {
  window.client = new LabClient(mediasoupClient, options);
  await window.client.start();
};
