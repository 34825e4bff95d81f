import type { AnyQObject } from '../core/any-qobject.ts';
import type { Sender } from '../core/connect.ts';
import type { ChannelType, ChannelTypes } from './channel-type.ts';

type AnyMethod = (...args: never[]) => unknown;

/** The names of the types whose values a parameter or property of type `Value` takes. */
export type ChannelTypeFor<Value> = {
  [Name in ChannelType]: ChannelTypes[Name] extends Value ? Name : never;
}[ChannelType];

/** The names of the types of a method's parameters, which may be fewer where some are optional. */
export type ParameterTypes<Method> = Method extends (...args: infer Parameters) => unknown
  ? { readonly [Index in keyof Parameters]: ChannelTypeFor<Parameters[Index]> }
  : never;

/** The names of the members of an object. */
export type MemberName<Type> = keyof Type & string;

/** The names of the methods of an object. */
export type MethodName<Type> = {
  [Name in MemberName<Type>]: Type[Name] extends AnyMethod ? Name : never;
}[MemberName<Type>];

/** The names of the signals of an object. */
export type ChannelSignal<Type> =
  Type extends Sender<infer Signals> ? keyof Signals & string : never;

/** What a setter or a member takes. */
type ValueOf<Member> = Member extends (value: infer Value) => unknown ? Value : Member;

/** How a property is written, if clients may. */
export type WritableDescription<Type> =
  | { readonly write?: never; readonly type?: never }
  | {
      [Name in MemberName<Type>]: {
        /** The method that is called with the value, or the member that is set. */
        readonly write: Name;
        /** What the value has to be. */
        readonly type: ChannelTypeFor<ValueOf<Type[Name]>>;
      };
    }[MemberName<Type>];

/** How clients hear of changes of a property. */
export type NotifyDescription<Type> =
  | { readonly notify: ChannelSignal<Type>; readonly constant?: never }
  | { readonly constant: true; readonly notify?: never };

/** A property as `Q_PROPERTY(type name READ read WRITE write NOTIFY notify)` declares it. */
export type PropertyDescription<Type> = {
  /** The method that is called, or the member that is read: the one named as the property, unless given. */
  readonly read?: MemberName<Type>;
} & NotifyDescription<Type> &
  WritableDescription<Type>;

/**
 * What clients see of an object, in the place of `Q_PROPERTY`, `Q_INVOKABLE`, `signals:` and `Q_ENUM`.
 *
 * They see what is named here, and nothing else.
 */
export interface ObjectDescription<Type extends AnyQObject = AnyQObject> {
  /** The properties by the names that clients know. */
  readonly properties?: Readonly<Record<string, PropertyDescription<Type>>>;
  /**
   * The methods, each with the types of its parameters. Calls with another number of arguments, or
   * with others, do not reach it.
   */
  readonly methods?: {
    readonly [Name in MethodName<Type>]?: ParameterTypes<Type[Name]>;
  };
  /** The signals, without those that properties name. */
  readonly signals?: readonly ChannelSignal<Type>[];
  /** The enumerations, each with its values by their names. */
  readonly enums?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
