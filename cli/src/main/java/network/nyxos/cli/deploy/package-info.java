/**
 * Brings the programs onto any cluster and opens registry, market and pools there, in the order of reading: {@link network.nyxos.cli.deploy.ProgramDeployment}
 * plans and does what one program needs, {@link network.nyxos.cli.deploy.CodeUpload} writes its code into a buffer, {@link network.nyxos.cli.deploy.MarketOpening}
 * lays what a {@link network.nyxos.cli.deploy.DeploymentFile} says, {@link network.nyxos.cli.deploy.DeploymentDifferences} holds the chain against it.
 */
package network.nyxos.cli.deploy;
