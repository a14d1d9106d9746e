// Package gossip knows who is alive, with which tags, and tells a Handler.
//
// It is the only package that imports hashicorp/serf, and none of serf's types show in its API. What it adds to serf:
//
//   - a Handler may be as slow as it likes (queue.go);
//   - a node whose name is taken ends with an error that names the other one, and the other one stays (name.go);
//   - members that belong elsewhere are kept out, by whoever knows that (stranger.go);
//   - a node that was restarted looks for its old peers until one answers (rejoin.go);
//   - a node that was killed and comes back at another address is taken there at once (moved.go);
//   - a node that lacks something looks for others, without end, and looks their names up each time (seek.go).
package gossip
