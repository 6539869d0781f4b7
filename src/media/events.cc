#include "media/events.h"

namespace sluice::media {

const char* to_string(IceState state) {
  switch (state) {
    case IceState::kNew:
      return "new";
    case IceState::kConnected:
      return "connected";
    case IceState::kCompleted:
      return "completed";
    case IceState::kDisconnected:
      return "disconnected";
    case IceState::kClosed:
      break;
  }
  return "closed";
}

const char* to_string(DtlsState state) {
  switch (state) {
    case DtlsState::kNew:
      return "new";
    case DtlsState::kConnecting:
      return "connecting";
    case DtlsState::kConnected:
      return "connected";
    case DtlsState::kFailed:
      return "failed";
    case DtlsState::kClosed:
      break;
  }
  return "closed";
}

const char* to_string(SctpState state) {
  switch (state) {
    case SctpState::kNew:
      return "new";
    case SctpState::kConnecting:
      return "connecting";
    case SctpState::kConnected:
      return "connected";
    case SctpState::kFailed:
      return "failed";
    case SctpState::kClosed:
      break;
  }
  return "closed";
}

}  // namespace sluice::media
