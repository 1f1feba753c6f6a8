// Starts the Bluesky development network (directory, account server, app view) and says "earshot-network-up" on standard output.
// Run in the folder where @atproto/dev-env is installed; ports and database come from the environment.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const here = createRequire(process.cwd() + "/");
const { TestNetwork } = await import(pathToFileURL(here.resolve("@atproto/dev-env")).href);
const port = (name) => Number(process.env[name]);

const network = await TestNetwork.create({
  plc: { port: port("PLC_PORT") },
  introspect: { port: port("INTROSPECT_PORT") },
  ozone: { port: port("OZONE_PORT") },
  pds: { port: port("PDS_PORT"), hostname: "localhost", enableDidDocWithSession: true },
  bsky: { dbPostgresSchema: "bsky", port: port("BSKY_PORT"), publicUrl: `http://localhost:${port("BSKY_PORT")}` },
});
process.on("SIGTERM", async () => {
  await network.close();
  process.exit(0);
});
console.log("earshot-network-up");
