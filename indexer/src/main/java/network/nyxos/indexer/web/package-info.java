/// The page for people: files from the class path, without a build step and without any other host.
package network.nyxos.indexer.web;
