// The socket client of the web tests, compiled into this program too.
#include "unit/web/test_client.cc"  // NOLINT(bugprone-suspicious-include)
