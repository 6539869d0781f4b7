// Answers that take a while.
#pragma once

#include <functional>

#include "sluice/error.h"

namespace sluice {

/// Takes the answer of a request; called once, on the control thread: after the request has
/// returned, unless the engine is gone, which is told at once. Objects that close before their
/// answer is there answer with an error.
template <class T>
using Reply = std::move_only_function<void(Result<T>)>;

}  // namespace sluice
